// An upstream that remembers every request as it came off the wire and answers like the provider whose path was called.
//
// What it says is steered by the prompt, so that SDKs and command-line clients are checked alike:
//   stream forever      a stream that ends only when the client goes away
//   stream N times      a stream that repeats itself
//   call NAME KEY=TEXT  a call of that tool, if the client offers it; what the tool gave is repeated in the next answer
//   anything else       `greeting`
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { WebSocketServer } from 'ws';
import { dialectOf, openaiResponses } from './dialects.mjs';

export const model = 'mock-model';
export const greeting = 'Hello from the mock: grüße, 世界, 👋 and goodbye';

export class Mock {
  requests = [];
  #endless = [];
  #server = createServer((request, response) => this.#answer(request, response).catch(error => {
    console.error('The mock failed:', error);
    response.destroy();
  }));
  #webSockets = new WebSocketServer({ noServer: true });

  async start() {
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  forget() {
    this.requests = [];
    this.#endless = [];
  }

  /** Resolves once an endless stream is under way. */
  async streaming() {
    while (this.#endless.length === 0) await sleep(5);
  }

  /** Resolves once every endless stream was hung up on, and throws if that takes more than `limit` milliseconds. */
  async hungUp(limit) {
    const late = sleep(limit, 'late', { ref: false });
    if (this.#endless.length === 0) throw new Error('the upstream was never asked for an endless stream');
    if (await Promise.race([Promise.all(this.#endless), late]) === 'late') throw new Error(`the upstream is still streaming ${limit} ms after the cancel`);
  }

  #record({ method, url, headers, rawHeaders }) {
    const seen = { method, url, path: url.split('?')[0], headers, rawHeaders };
    this.requests.push(seen);
    return seen;
  }

  async #answer(request, response) {
    const seen = this.#record(request);
    seen.body = await buffer(request);

    const dialect = dialectOf(seen.method, seen.path);
    if (!dialect) return answerResource(seen, response);

    const body = JSON.parse(seen.body);
    const prompt = dialect.prompt(body);
    const reply = replyTo(prompt);
    if (!body.stream && !seen.path.endsWith(':streamGenerateContent')) return sendJson(seen, response, 200, dialect.json(model, reply));

    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    await this.#play(prompt, dialect.stream(model, reply), response, frame => sendFrame(response, frame));
    response.end();
  }

  #upgrade(request, socket, head) {
    const { path } = this.#record(request);
    this.#webSockets.handleUpgrade(request, socket, head, webSocket => {
      // A client that breaks off is no error of the mock; 'close' follows.
      webSocket.on('error', () => {});
      const send = event => webSocket.send(JSON.stringify(event));
      webSocket.on('message', async data => {
        const message = JSON.parse(data);
        if (path !== '/v1/responses') return send(liveAnswer(message));
        const prompt = openaiResponses.prompt(message);
        await this.#play(prompt, openaiResponses.events(model, replyTo(prompt)), webSocket, send);
      });
    });
  }

  async #play({ text }, { open, body, close }, connection, send) {
    let here = true;
    const gone = new Promise(resolve => connection.once('close', resolve)).then(() => { here = false; });
    const endless = /\bstream forever\b/.test(text);
    if (endless) this.#endless.push(gone);
    let rounds = Number(text.match(/\bstream (\d+) times\b/)?.[1] ?? 1);
    for (const part of open) await send(part);
    do {
      for (const part of body) {
        await send(part);
        await sleep(5);
      }
    } while (here && (endless || --rounds > 0));
    for (const part of close) await send(part);
  }
}

function replyTo({ text, toolOutput, tools }) {
  if (toolOutput !== undefined) return { text: `The tool said: ${toolOutput}` };
  const [, name, key, value] = text.match(/\bcall (\w+) (\w+)=([^"\n]+)/) ?? [];
  return name && tools.includes(name) ? { call: { name, args: JSON.stringify({ [key]: value }) } } : { text: greeting };
}

function liveAnswer({ setup }) {
  return setup ? { setupComplete: {} } : { serverContent: { modelTurn: { role: 'model', parts: [{ text: greeting }] }, turnComplete: true } };
}

// Lists, uploads and whatever else is not a model's answer.
function answerResource(seen, response) {
  const command = seen.headers['x-goog-upload-command'];
  if (command === 'start') {
    // Google answers with a URL of its own, and the client has to turn it back to the base address that it was given.
    const url = `https://upstream.invalid${seen.path}?upload_id=1&upload_protocol=resumable`;
    return sendJson(seen, response, 200, {}, { 'x-goog-upload-url': url });
  }
  if (command) {
    const status = command.includes('finalize') ? 'final' : 'active';
    return sendJson(seen, response, 200, { file: { name: 'files/1' } }, { 'x-goog-upload-status': status });
  }

  const found = resource(seen);
  sendJson(seen, response, found ? 200 : 404, found ?? { error: { message: `no answer for ${seen.method} ${seen.url}` } });
}

function resource({ method, path, headers, body }) {
  // Google shares some paths with the others; its key header tells it apart, here as at a router.
  if (headers['x-goog-api-key']) {
    if (path.endsWith('/models')) return { models: [{ name: `models/${model}` }] };
    if (path.endsWith('/files')) return { files: [{ name: 'files/1' }] };
    if (path.endsWith('/batches')) return { operations: [{ name: 'batches/1', metadata: { name: 'batches/1', state: 'BATCH_STATE_SUCCEEDED' } }] };
    return undefined;
  }
  const file = { id: 'file-1', object: 'file', type: 'file', bytes: body.length, size_bytes: body.length, filename: 'notes.bin', created_at: 1 };
  const list = data => ({ object: 'list', data, has_more: false, first_id: data[0].id, last_id: data[0].id });
  switch (path) {
    case '/v1/models': return list([{ id: model, object: 'model', type: 'model', created: 1 }]);
    case '/v1/files': return method === 'POST' ? file : list([file]);
    case '/v1/batches': return list([{ id: 'batch-1', object: 'batch', status: 'completed' }]);
    case '/v1/messages/batches': return list([{ id: 'batch-1', type: 'message_batch', processing_status: 'ended' }]);
    case '/v1/audio/transcriptions': return { text: greeting };
    default: return undefined;
  }
}

// Compressed where the client accepts it, as providers do: what passes it on must touch neither body nor Content-Encoding.
function sendJson(seen, response, status, body, headers = {}) {
  const zip = /\bgzip\b/.test(seen.headers['accept-encoding']);
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', ...(zip && { 'content-encoding': 'gzip' }), ...headers });
  response.end(zip ? gzipSync(bytes) : bytes);
}

// In two pieces, cut inside a multi-byte character where there is one.
async function sendFrame(response, frame) {
  const bytes = Buffer.from(frame);
  const cut = bytes.findIndex(byte => byte >= 0x80) + 1 || 1;
  response.write(bytes.subarray(0, cut));
  await sleep(5);
  response.write(bytes.subarray(cut));
}
