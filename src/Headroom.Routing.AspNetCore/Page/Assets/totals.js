// Totals of the requests that are kept, for each upstream. Callers may name any number of hosts, so only the busiest have a line of their own.
import * as text from './text.js';
import { elapsed, isError, isRefused, isRunning } from './requests.js';

const most = 7;
const template = document.getElementById('total');
const body = document.getElementById('totals');
const none = document.getElementById('totals-none');

export const upstreamOf = row => row.name ?? row.upstream ?? null;

let order = [];

/** `onChoose` is called with an upstream, or with nothing if the choice was taken back. */
export function showTotals(rows, chosen, onChoose) {
  const groups = [...Map.groupBy(rows, upstreamOf)]
    .map(([upstream, members]) => ({ upstream, members, time: members.reduce((sum, row) => sum + elapsed(row), 0) }))
    .sort((a, b) => (a.upstream === null) - (b.upstream === null) || b.members.length - a.members.length || b.time - a.time);

  // Nothing moves away under somebody's fingers.
  if (body.contains(document.activeElement)) groups.sort((a, b) => placeOf(a) - placeOf(b));
  order = groups.map(group => group.upstream);
  const whole = groups.reduce((sum, group) => sum + group.time, 0);
  if (groups.length > most) {
    const place = groups.findIndex(group => group.upstream === chosen);
    if (place >= most - 1) groups.splice(most - 2, 0, ...groups.splice(place, 1));
    const rest = groups.splice(most - 1);
    groups.push({ others: rest.length, members: rest.flatMap(group => group.members), time: rest.reduce((sum, group) => sum + group.time, 0) });
  }
  body.closest('table').hidden = groups.length === 0;
  none.hidden = groups.length > 0;
  groups.forEach((group, i) => fill(body.children[i] ?? append(onChoose), group, whole, chosen));
  while (body.children.length > groups.length) body.lastElementChild.remove();
}

function placeOf({ upstream }) {
  const place = order.indexOf(upstream);
  return place < 0 ? order.length : place;
}

function append(onChoose) {
  const line = template.content.firstElementChild.cloneNode(true);
  const button = line.querySelector('button');
  button.addEventListener('click', () => onChoose(button.getAttribute('aria-pressed') === 'true' ? undefined : line.upstream));
  body.append(line);
  return line;
}

function fill(line, { upstream, others, members, time }, whole, chosen) {
  const set = (selector, value) => { line.querySelector(selector).textContent = value; };
  const button = line.querySelector('button');
  line.upstream = upstream;
  line.dataset.kind = others ? 'others' : upstream === null ? 'refused' : '';
  button.disabled = Boolean(others);
  button.setAttribute('aria-pressed', String(!others && chosen === upstream));
  button.title = others ? '' : members[0].upstream ?? '';
  const running = members.filter(isRunning).length;
  set('button span', others ? `${others} more` : upstream === null ? 'none: refused' : text.host(upstream));
  set('.requests', members.length);
  set('.open', running ? `${running} in flight` : '');
  set('.errors', members.filter(row => isError(row) || isRefused(row)).length || '');
  set('.first', text.duration(median(members.map(row => row.firstByte).filter(value => value !== null))));
  set('.received', text.bytes(members.reduce((sum, row) => sum + row.received, 0)));
  const share = whole > 0 ? time / whole : 0;
  line.style.setProperty('--share', share);
  set('.percent', `${Math.round(share * 100)} %`);
}

function median(values) {
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return values[values.length >> 1];
}
