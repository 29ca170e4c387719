// Asks the gateway what would become of a request.
import { showSteps } from './steps.js';

const form = document.getElementById('ask');
const answer = document.getElementById('answer');
const question = document.getElementById('question');
const verdict = document.getElementById('verdict');

let base;

/** `url` is where explanations are asked for; null if nowhere. */
export function offerExplanations(url) {
  base = url;
  form.hidden = !url;
  document.getElementById('ask-off').hidden = Boolean(url);
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  const fields = new FormData(form);
  try {
    show(await ask(fields));
  } catch (error) {
    show({ method: fields.get('method'), path: fields.get('path'), outcome: 'unknown', message: error.message });
  }
});

document.getElementById('dismiss').addEventListener('click', () => {
  answer.hidden = true;
  form.elements.path.focus();
});

async function ask(fields) {
  const headers = new Headers();
  for (const line of fields.get('headers').split('\n').map(line => line.trim()).filter(Boolean)) {
    const [, name, value] = line.match(/^([^:\s]+)\s*:(.*)$/) ?? [];
    if (!name) throw new Error(`A header is written as "name: value", not as "${line}".`);
    headers.append(name, value.trim());
  }
  if (fields.get('upstream')) headers.set('X-Headroom-Upstream', fields.get('upstream'));

  // A fragment would not be sent.
  const path = fields.get('path').replaceAll('#', '%23');
  const url = base + path.slice(1) + (fields.has('dns') ? `${path.includes('?') ? '&' : '?'}dns=true` : '');
  const response = await fetch(url, { method: fields.get('method'), headers, cache: 'no-store', redirect: 'error' });
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  return response.json();
}

const questions = { forwarded: 'would go to', refused: 'would be refused', leftToApp: 'would be left to the app', unknown: 'could not be explained' };

function show({ method, path, outcome, url, refusal, message, steps = [] }) {
  question.textContent = `${method} ${path} ${questions[outcome]}`;
  verdict.textContent = outcome === 'forwarded' ? url
    : outcome === 'refused' ? `${refusal.status} ${refusal.slug}. ${refusal.message}`
    : message ?? 'No endpoint of the proxy is for it.';
  document.getElementById('said').textContent = `${question.textContent} ${verdict.textContent}`;
  if (refusal) steps.push({ name: 'refused', result: refusal.cause ?? refusal.message, kind: 'refused' });
  else if (outcome === 'forwarded') steps.at(-1).kind = 'done';
  showSteps(answer.querySelector('ol'), steps);
  answer.dataset.outcome = outcome;
  answer.hidden = false;
}
