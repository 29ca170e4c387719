// Runs every check of every client through the host at the given URL and prints a table; without a URL the clients talk to the
// mock itself, which tells a client's own change from a fault of the host.
import { deepEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { killAll } from './command-line.mjs';
import { Mock } from './mock.mjs';
import openai from './clients/openai.mjs';
import anthropic from './clients/anthropic.mjs';
import googleGenai from './clients/google-genai.mjs';
import aiSdk from './clients/ai-sdk.mjs';
import opencode from './clients/opencode.mjs';
import claudeCode from './clients/claude-code.mjs';
import codex from './clients/codex.mjs';
import geminiCli from './clients/gemini-cli.mjs';

const columns = ['chat', 'stream', 'tools', 'cancel', 'upload', 'lists', 'websocket'];

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    killAll();
    process.exit(130);
  });
}

const [hostUrl] = process.argv.slice(2);
const mock = await new Mock().start();
// The second header stands for all the others of that prefix: none may reach an upstream.
const setting = { mock, url: hostUrl ?? mock.url, headers: { 'X-Headroom-Upstream': mock.url, 'X-Headroom-Tag-Suite': 'e2e' } };
const clients = [openai, anthropic, googleGenai, aiSdk, opencode, claudeCode, codex, geminiCli].flatMap(client => client(setting));

// A check returns the requests that the upstream must have seen. They are compared as sets, for some clients ask more than
// once (OpenCode also asks for a title).
async function run(check, key) {
  mock.forget();
  const expected = await check();
  deepEqual(new Set(mock.requests.map(({ method, url }) => `${method} ${url}`)), new Set(expected));
  for (const request of mock.requests) {
    // Google's Live API has the key in its URL, which was compared above.
    if (!request.url.includes(key[1])) deepEqual(valuesOf(request, name => name === key[0]), [key[1]], `${key[0]} of ${request.url}`);
    deepEqual(valuesOf(request, name => name === 'host'), [new URL(mock.url).host], `host of ${request.url}`);
    if (hostUrl) deepEqual(valuesOf(request, name => name.startsWith('x-headroom-')), [], `x-headroom-* headers of ${request.url}`);
  }
}

function valuesOf({ rawHeaders }, matches) {
  return rawHeaders.filter((_, i) => i % 2 === 1 && matches(rawHeaders[i - 1].toLowerCase()));
}

async function outcome(check, key) {
  if (!check) return ['-'];
  const late = sleep(60_000, undefined, { ref: false }).then(() => Promise.reject(new Error('no answer within a minute')));
  try {
    await Promise.race([run(check, key), late]);
    return ['ok'];
  } catch (error) {
    return ['FAIL', error];
  } finally {
    killAll();
  }
}

const line = (name, cells) => console.log(name.padEnd(32) + cells.map((cell, i) => cell.padEnd(columns[i].length + 2)).join('').trimEnd());
const failures = [];

line('', columns);
for (const { name, key, checks } of clients) {
  const cells = [];
  for (const column of columns) {
    const [cell, error] = await outcome(checks[column], key);
    cells.push(cell);
    if (error) failures.push(`\n${name}, ${column}: ${error.stack}`);
  }
  line(name, cells);
}
failures.forEach(failure => console.error(failure));
process.exit(failures.length ? 1 : 0);
