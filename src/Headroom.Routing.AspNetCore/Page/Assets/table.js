// The table of requests: a row each, and below it the steps of its decision while it is open.
import * as text from './text.js';
import { elapsed, isError, isRunning } from './requests.js';
import { showStep, showSteps } from './steps.js';

const rowTemplate = document.getElementById('row');
const detailTemplate = document.getElementById('detail');

const outcomes = { refused: 'refused', failed: 'failed', client_gone: 'left' };

export class Table {
  #body = document.getElementById('rows');
  #views = new Map();

  constructor() {
    this.#body.addEventListener('click', event => {
      const line = event.target.closest('tr.request');
      if (line && getSelection().isCollapsed) this.#toggle(this.#views.get(line.requestId));
    });
    this.#body.addEventListener('keydown', event => this.#onKey(event));
  }

  show(row) {
    const view = this.#views.get(row.id) ?? this.#add(row);
    view.row = row;
    this.#fill(view);
  }

  has(id) {
    return this.#views.has(id);
  }

  remove(id) {
    const view = this.#views.get(id);
    view?.line.remove();
    view?.detail?.remove();
    this.#views.delete(id);
  }

  /** Hides what does not fit and returns how many do. */
  filter(fits) {
    let shown = 0;
    for (const view of this.#views.values()) {
      const hidden = !fits(view.row);
      view.line.hidden = hidden;
      if (view.detail) view.detail.hidden = hidden;
      if (!hidden) shown++;
    }
    return shown;
  }

  /** Bars are measured by the longest time of all. */
  tick() {
    let longest = 1;
    for (const { row } of this.#views.values()) longest = Math.max(longest, elapsed(row));
    this.#body.style.setProperty('--longest', longest);
    for (const view of this.#views.values()) {
      if (isRunning(view.row)) this.#fillTime(view);
    }
  }

  #add(row) {
    const line = rowTemplate.content.firstElementChild.cloneNode(true);
    const cell = name => line.querySelector(`.${name}`);
    const view = {
      line,
      button: line.querySelector('button'),
      cells: Object.fromEntries(['badge', 'first', 'duration', 'bytes', 'sent', 'received', 'share', 'reason'].map(name => [name, cell(name)])),
    };
    line.requestId = row.id;
    const date = new Date(row.time);
    const time = cell('time').firstElementChild;
    time.dateTime = row.time;
    time.textContent = text.time(date);
    time.title = row.time;
    cell('method').textContent = row.method;
    view.button.firstElementChild.textContent = row.path || '(not a path)';
    view.button.title = row.path;
    cell('provider').textContent = row.provider ?? '';
    const origin = text.host(row.upstream);
    cell('name').textContent = row.name ?? origin;
    cell('origin').textContent = row.name && row.name !== origin ? origin : '';
    cell('upstream').title = row.upstream ?? '';
    cell('choice').textContent = row.choice.replaceAll('_', ' ');
    this.#views.set(row.id, view);
    this.#body.prepend(line);
    return view;
  }

  #fill(view) {
    const { row, line, cells } = view;
    line.dataset.outcome = row.outcome;
    line.dataset.error = String(isError(row));
    cells.badge.textContent = [row.status, outcomes[row.outcome]].filter(Boolean).join(' ') || 'waiting';
    // A reason takes the place of figures that say little beside it, or nothing.
    const unsent = row.outcome === 'refused' && row.upstream === null;
    for (const name of ['first', 'duration']) cells[name].hidden = unsent;
    cells.bytes.hidden = row.reason !== null;
    cells.share.colSpan = unsent ? 4 : row.reason !== null ? 2 : 1;
    cells.reason.textContent = row.outcome === 'failed' ? `${row.slug}: ${row.reason}` : row.reason ?? '';
    cells.reason.title = row.slug ? `${row.slug}: ${row.reason}` : '';
    cells.first.textContent = text.duration(row.firstByte);
    count(cells.sent, '↑', row.sent, 'sent');
    count(cells.received, '↓', row.received, 'received');
    this.#fillTime(view);
    if (view.detail) showStep(view.detail.querySelector('li:last-child'), outcomeOf(row));
  }

  #fillTime({ row, line, cells }) {
    const time = elapsed(row);
    cells.duration.textContent = text.duration(time);
    line.style.setProperty('--elapsed', time);
    line.style.setProperty('--waited', row.firstByte ?? time);
  }

  #toggle(view) {
    if (view.detail) {
      view.detail.remove();
      view.detail = undefined;
    } else {
      view.detail = detailTemplate.content.firstElementChild.cloneNode(true);
      view.detail.id = `steps-${view.row.id}`;
      showSteps(view.detail.querySelector('ol'), [...view.row.steps, outcomeOf(view.row)]);
      view.line.after(view.detail);
    }
    view.button.setAttribute('aria-expanded', String(Boolean(view.detail)));
    if (view.detail) view.button.setAttribute('aria-controls', view.detail.id);
    else view.button.removeAttribute('aria-controls');
  }

  #onKey(event) {
    const line = event.target.closest('tr.request');
    if (!line || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const lines = [...this.#body.querySelectorAll('tr.request:not([hidden])')];
    const at = lines.indexOf(line);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (event.key === 'Escape' && this.#views.get(line.requestId).detail) this.#toggle(this.#views.get(line.requestId));
    else if (next === undefined) return;
    lines[next]?.querySelector('button').focus();
    event.preventDefault();
  }
}

function count(cell, arrow, bytes, word) {
  cell.textContent = bytes > 0 ? `${arrow} ${text.bytes(bytes)}` : '';
  cell.title = bytes > 0 ? `${bytes} bytes ${word}` : '';
}

// The last step of every request: what came of it.
function outcomeOf(row) {
  const { outcome, status, slug, reason, firstByte, sent, received } = row;
  const time = elapsed(row);
  const moved = `${text.bytes(sent)} sent, ${text.bytes(received)} received`;
  switch (outcome) {
    case 'running': return { name: 'under way', result: `${status ? `Answered with ${status}. ` : ''}${text.duration(time)} so far; ${moved}.`, kind: 'running' };
    case 'done': return {
      name: 'answer',
      result: `${status}${firstByte === null ? '' : `, first byte after ${text.duration(firstByte)}`}, ${text.duration(time)} in all; ${moved}.`,
      kind: status >= 400 ? 'error' : 'done',
    };
    case 'refused': return { name: 'refused', result: `${status} ${slug}: ${reason}`, kind: 'refused' };
    case 'failed': return { name: 'failed', result: `${status} ${slug}, after ${text.duration(time)}: ${reason}`, kind: 'error' };
    default: return { name: 'client left', result: `${text.duration(time)} after it came; ${moved}.`, kind: 'error' };
  }
}
