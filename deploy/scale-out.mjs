// Run by scale-out.sh, in a folder with the gateway's program, nginx.conf, a certificate and the mock upstream.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { greeting, Mock } from './mock.mjs';

const token = 'token-of-the-clients';
const ca = readFileSync('tls.crt');

// What is running, so that nothing outlives this program.
const children = new Set();
function start(command, args, env = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH, HOME: process.cwd(), ...env } });
  children.add(child);
  child.stdout.setEncoding('utf8').resume();
  child.ended = once(child, 'exit').then(([code]) => { children.delete(child); return code; });
  return child;
}

process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => { console.error('This takes too long.'); process.exit(1); }, 180_000).unref();

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(server => once(server, 'listening')));
  const ports = servers.map(server => server.address().port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

async function startGateway(port) {
  const gateway = start('dotnet', ['gateway/HostApp.dll', '--urls', `http://127.0.0.1:${port}`], {
    ASPNETCORE_ENVIRONMENT: 'Production',
    ShutdownDelay: '00:00:05',
    ShutdownTimeout: '00:01:00',
    Headroom__Tokens__0: token,
    Headroom__Upstreams__lab: `${mock.url}/v1`,
  });
  const listening = new Promise(resolve => gateway.stdout.on('data', output => { if (output.includes('http://')) resolve(); }));
  await Promise.race([listening, gateway.ended.then(code => { throw new Error(`A gateway ended with ${code}.`); })]);
  return gateway;
}

// The file as it is shipped, but for names, ports and paths.
function startNginx(port, gateways) {
  let conf = readFileSync('nginx.conf', 'utf8');
  const replace = (found, by) => {
    if (!conf.includes(found)) throw new Error(`nginx.conf has no '${found}'`);
    conf = conf.replaceAll(found, by);
  };
  replace('listen 443', `listen 127.0.0.1:${port}`);
  replace('llm.example.com', 'localhost');
  replace('127.0.0.1:8787', `127.0.0.1:${gateways[0]}`);
  replace('127.0.0.1:8788', `127.0.0.1:${gateways[1]}`);
  replace('/etc/nginx/tls', process.cwd());
  replace('/var/log/nginx', process.cwd());
  replace('http {\n', `http {\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `  ${kind}_temp_path ${process.cwd()}/temp;\n`).join('')}`);
  writeFileSync('used.conf', conf);
  return start('nginx', ['-p', process.cwd(), '-c', 'used.conf', '-g', `daemon off; pid ${process.cwd()}/nginx.pid; ${process.getuid() === 0 ? 'user root;' : ''}`]);
}

// ---- the clients: each either gets its whole answer or throws

class Broken extends Error {} // the answer had begun, and its client saw that it was cut off
class Mistaken extends Error {} // the answer was cut off, and looked like a whole one

let requests = 0;
const headers = () => ({
  'content-type': 'application/json', authorization: 'Bearer sk-demo', 'x-headroom-upstream': 'lab', 'x-headroom-proxy-token': token,
  'x-request-id': `request-${requests++}`,
});

const agent = new https.Agent({ ca, keepAlive: true });
let session;

async function overHttp1(body) {
  const request = https.request(`${url}/v1/chat/completions`, { method: 'POST', headers: headers(), agent });
  request.end(body);
  const [response] = await once(request, 'response');
  return answer(response.statusCode, response, () => response.complete);
}

async function overHttp2(body) {
  if (!session || session.closed || session.destroyed) {
    session = http2.connect(url, { ca });
    session.on('error', () => {});
  }
  const stream = session.request({ ':method': 'POST', ':path': '/v1/chat/completions', ...headers() });
  stream.end(body);
  const [head] = await once(stream, 'response');
  return answer(head[':status'], stream, () => stream.rstCode === 0 && !stream.aborted);
}

async function answer(status, body, isComplete) {
  let content;
  try {
    content = await text(body);
  } catch (error) {
    throw new Broken(error.message);
  }
  if (!isComplete()) throw new Broken('cut off');
  if (status !== 200) throw new Error(`${status} ${content.slice(0, 200)}`);
  return content;
}

const chat = (content, stream) => JSON.stringify({ model: 'mock-model', stream, messages: [{ role: 'user', content }] });

async function json(send) {
  const content = await send(chat('hello', false));
  if (!JSON.parse(content).choices[0].message.content.includes(greeting)) throw new Mistaken(content);
}

async function events(send) {
  const content = await send(chat('stream 20 times', true));
  if (!content.endsWith('data: [DONE]\n\n')) throw new Mistaken(content.slice(-200));
}

async function webSocket() {
  const socket = new WebSocket(`${url.replace('https', 'wss')}/v1/responses`, { ca, headers: headers() });
  let open = false, complete = false;
  socket.on('message', data => {
    if (JSON.parse(data).type !== 'response.completed') return;
    complete = true;
    socket.close(1000);
  });
  socket.on('open', () => {
    open = true;
    socket.send(JSON.stringify({ type: 'response.create', model: 'mock-model', input: 'stream 20 times' }));
  });
  let failure = 'closed';
  socket.on('error', error => { failure = error.message; });
  const [code] = await once(socket, 'close');
  if (complete) return;
  throw !open ? new Error(failure) : code === 1006 ? new Broken('closed') : new Mistaken(`closed with ${code}`);
}

const kinds = {
  'JSON, HTTP/1.1': { clients: 6, pause: 20, run: () => json(overHttp1) },
  'JSON, HTTP/2': { clients: 6, pause: 20, run: () => json(overHttp2) },
  'events, HTTP/1.1': { clients: 15, pause: 0, run: () => events(overHttp1) },
  'events, HTTP/2': { clients: 15, pause: 0, run: () => events(overHttp2) },
  WebSocket: { clients: 15, pause: 0, run: webSocket },
};

// ---- the load

let running = true;
let phase;
const counts = new Map();
const examples = new Map();

function count(kind, outcome, error) {
  const key = `${phase}|${kind}`;
  const counted = counts.get(key) ?? { whole: 0, failed: 0, broken: 0, mistaken: 0 };
  counted[outcome]++;
  counts.set(key, counted);
  if (error) examples.set(`${phase}, ${kind}, ${outcome}`, error.message);
}

async function client(kind, { pause, run }) {
  // Not all in step.
  await sleep(Math.random() * 2000);
  while (running) {
    try {
      await run();
      count(kind, 'whole');
    } catch (error) {
      count(kind, error instanceof Mistaken ? 'mistaken' : error instanceof Broken ? 'broken' : 'failed', error);
    }
    await sleep(pause);
  }
}

const mock = await new Mock().start();
const [port, ...gatewayPorts] = await freePorts(3);
const url = `https://localhost:${port}`;
const gateways = await Promise.all(gatewayPorts.map(startGateway));
const nginx = startNginx(port, gatewayPorts);
nginx.ended.then(code => { console.error(`nginx ended with ${code}.`); process.exit(1); });
await sleep(1000);

phase = 'steady';
const clients = Object.entries(kinds).flatMap(([kind, of]) => Array.from({ length: of.clients }, () => client(kind, of)));
await sleep(8000);

phase = 'SIGTERM';
const stopped = performance.now();
gateways[0].kill('SIGTERM');
const exitCode = await gateways[0].ended;
const seconds = (performance.now() - stopped) / 1000;
await sleep(3000);
gateways[0] = await startGateway(gatewayPorts[0]);
await sleep(5000);

phase = 'SIGKILL';
gateways[1].kill('SIGKILL');
await gateways[1].ended;
await sleep(5000);
gateways[1] = await startGateway(gatewayPorts[1]);
await sleep(3000);

phase = 'after';
await sleep(5000);
running = false;
await Promise.all(clients);

// ---- what became of it

const ids = mock.requests.filter(request => request.method === 'POST').map(request => request.headers['x-request-id']);
const twice = ids.length - new Set(ids).size;
const served = readFileSync('access.log', 'utf8').trim().split('\n').map(line => line.split(' ')[4]);
const row = cells => console.log(`| ${cells.join(' | ')} |`);
row(['', '', 'whole', 'failed', 'broken off', 'broken, taken for whole']);
row(['---', '---', '--:', '--:', '--:', '--:']);
for (const of of ['steady', 'SIGTERM', 'SIGKILL', 'after']) {
  for (const kind of Object.keys(kinds)) {
    const { whole = 0, failed = 0, broken = 0, mistaken = 0 } = counts.get(`${of}|${kind}`) ?? {};
    row([of, kind, whole, failed, broken, mistaken]);
  }
}
console.log();
console.log(`The stopped gateway ended ${seconds.toFixed(1)} s after SIGTERM, with ${exitCode}.`);
gatewayPorts.forEach((gateway, i) => console.log(`Gateway ${i + 1} answered ${served.filter(to => to.endsWith(`:${gateway}`)).length} requests.`));
console.log(`${twice} of ${ids.length} POSTs reached the upstream twice.`);
for (const [where, message] of examples) console.log(`${where}: ${message}`);

const lost = [...counts].filter(([key]) => !key.startsWith('SIGKILL')).reduce((n, [, { failed, broken }]) => n + failed + broken, 0);
const mistaken = [...counts.values()].reduce((n, counted) => n + counted.mistaken, 0);
const fine = lost === 0 && mistaken === 0 && twice === 0 && exitCode === 0;
console.log(fine ? 'The stop lost nothing.' : `Lost outside of SIGKILL: ${lost}; taken for whole: ${mistaken}.`);
process.exit(fine ? 0 : 1);
