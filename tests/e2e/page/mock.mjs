// An upstream that does what a request's body asks for, at the addresses of all providers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const streams = new Map();

export async function startMock() {
  for (const host of [1, 2, 3, 4, 5, 6].map(number => `127.77.0.${number}`)) {
    const server = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
    server.listen(8080, host);
    await once(server, 'listening');
  }
}

/** The open stream of a name: `write(bytes)` and `end()`. */
export async function stream(name) {
  while (!streams.has(name)) await sleep(5);
  return streams.get(name);
}

async function answer(request, response) {
  const { wait = 0, status = 200, size = 300, stream, fail } = request.method === 'GET' ? {} : await json(request);
  await sleep(wait);
  if (fail) return response.destroy();
  if (!stream) return response.writeHead(status, { 'content-type': 'application/json' }).end('x'.repeat(size));

  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  streams.set(stream, { write: bytes => response.write('x'.repeat(bytes)), end: () => response.end() });
}
