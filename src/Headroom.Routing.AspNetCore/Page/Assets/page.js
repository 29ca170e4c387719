// The live page. What it shows was chosen by whoever sent the requests, so all of it is set as text, never as HTML.
import { Requests, isError, isRefused, isRunning } from './requests.js';
import { Table } from './table.js';
import { showTotals, upstreamOf } from './totals.js';
import { offerExplanations } from './explain.js';

const requests = new Requests();
const table = new Table();
const link = document.getElementById('link');
const pause = document.getElementById('pause');
const filter = document.getElementById('filter');
const kinds = { all: () => true, running: isRunning, refused: isRefused, errors: isError };

const view = { kind: 'all', words: [], upstream: undefined };
const changed = new Set();
const gone = new Set();
let paused = false;
let drawing = false;
let ticking;

document.getElementById('address').textContent = location.host;
document.getElementById('example').textContent = `curl ${location.origin}/v1/models`;

// The connection: open as long as somebody can see the page.

let source;
let retry;

function connect() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource('events');
  source.onmessage = ({ data }) => receive(JSON.parse(data));
  source.onerror = () => {
    tell('lost', 'Reconnecting');
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 3000);
  };
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(retry);
  if (document.hidden) source.close();
  else connect();
});

function receive(message) {
  if (message.kept) {
    document.getElementById('kept').textContent = message.kept;
    offerExplanations(message.explain ?? null);
  }
  const difference = requests.apply(message);
  for (const id of difference.gone) {
    changed.delete(id);
    if (table.has(id)) gone.add(id);
  }
  difference.changed.forEach(id => changed.add(id));
  if (paused) tell('paused', `Paused, ${changed.size} changed`);
  else {
    tell('live', 'Live');
    draw();
  }
}

function tell(state, words) {
  if (link.textContent !== words) link.textContent = words;
  link.dataset.state = state;
}

// What is shown.

function draw() {
  if (drawing || paused) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    for (const id of gone) table.remove(id);
    for (const id of [...changed].sort((a, b) => a - b)) table.show(requests.get(id));
    gone.clear();
    changed.clear();
    redraw();
  });
}

function redraw() {
  const rows = requests.all();
  if (!rows.some(row => upstreamOf(row) === view.upstream)) view.upstream = undefined;
  for (const [kind, fits] of Object.entries(kinds)) document.querySelector(`[data-count=${kind}]`).textContent = rows.filter(fits).length;
  const shown = table.filter(fits);
  document.getElementById('none').hidden = rows.length > 0;
  document.getElementById('no-match').hidden = rows.length === 0 || shown > 0;
  showTotals(rows, view.upstream, upstream => {
    view.upstream = upstream;
    redraw();
  });
  tick();
}

// Times go on while requests do.
function tick() {
  clearTimeout(ticking);
  table.tick();
  if (!paused && requests.all().some(isRunning)) ticking = setTimeout(tick, 100);
}

function fits(row) {
  if (!kinds[view.kind](row) || (view.upstream !== undefined && upstreamOf(row) !== view.upstream)) return false;
  const text = [row.method, row.path, row.provider, row.upstream, row.name, row.choice, row.status, row.outcome, row.slug].join(' ').toLowerCase();
  return view.words.every(word => text.includes(word));
}

for (const input of document.getElementsByName('show')) {
  input.addEventListener('change', () => {
    view.kind = input.value;
    redraw();
  });
}

filter.addEventListener('input', () => {
  view.words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  redraw();
});

pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  if (paused) tell('paused', 'Paused');
  else {
    tell('live', 'Live');
    draw();
  }
});

connect();
