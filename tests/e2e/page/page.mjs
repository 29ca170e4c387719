// Tries the live page at the gateway's URL in a Chromium, and takes its pictures.
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import axe from 'axe-core';
import puppeteer from 'puppeteer-core';
import { startMock, stream } from './mock.mjs';

const [gateway, executablePath] = process.argv.slice(2);
const docs = new URL('../../../docs/', import.meta.url).pathname;
const wide = { width: 1440, height: 1040 };
const narrow = { width: 400, height: 800 };

await startMock();
const browser = await puppeteer.launch({
  executablePath,
  userDataDir: `${tmpdir()}/profile`,
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
});

// The page, and what the browser complains about.

const complaints = [];

async function open(url = gateway, complaints = []) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', message => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', error => complaints.push(`error: ${error}`));
  page.on('requestfailed', failed => { if (failed.failure().errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${failed.url()}`); });
  page.on('request', sent => { if (!sent.url().startsWith(url)) complaints.push(`another site: ${sent.url()}`); });
  await page.exposeFunction('complain', text => complaints.push(text));
  await page.evaluateOnNewDocument(() => addEventListener('securitypolicyviolation', event => complain(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.setViewport(wide);
  await page.goto(`${url}/headroom`);
  await page.waitForSelector('#link[data-state=live]');
  return page;
}

const page = await open(gateway, complaints);

// Requests through the gateway.

function send(path, { method = 'POST', headers = {}, upstream, ...body } = {}) {
  if (upstream) headers = { ...headers, 'X-Headroom-Upstream': upstream };
  const { hostname, port } = new URL(gateway);
  const sent = request({ hostname, port, path, method, headers });
  const ended = once(sent, 'response').then(([response]) => once(response.resume(), 'close')).catch(() => {});
  sent.end(method === 'GET' ? undefined : JSON.stringify(body));
  return Object.assign(ended, { leave: () => sent.destroy() });
}

// A way to the gateway that can be cut.
async function relay() {
  const sockets = new Set();
  const server = createServer(client => {
    const { hostname, port } = new URL(gateway);
    const gate = connect(port, hostname);
    for (const [socket, other] of [[client, gate], [gate, client]]) {
      sockets.add(socket.on('error', () => {}).on('close', () => other.destroy()));
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach(socket => socket.destroy());
  return { url: `http://127.0.0.1:${server.address().port}`, cut, close: () => { cut(); server.close(); } };
}

// What stands on the page.

const rows = () => page.$$eval('#rows tr.request', lines => lines.map(line => ({
  outcome: line.dataset.outcome,
  hidden: line.hidden,
  ...Object.fromEntries(['method', 'path', 'provider', 'name', 'choice', 'badge', 'first', 'duration', 'sent', 'received', 'reason']
    .map(name => [name, line.querySelector(`.${name}`).textContent])),
})));

async function eventually(look, what) {
  for (let seen, end = Date.now() + 20_000; ; await sleep(30)) {
    if ((seen = await look())) return seen;
    if (Date.now() > end) throw new Error(`There never was ${what}: ${JSON.stringify(await rows(), null, 1)}`);
  }
}

const row = (fits, what) => eventually(async () => (await rows()).find(fits), what);
const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
const noSidewaysScroll = async () => deepEqual(
  await page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollWidth]), [page.viewport().width, page.viewport().width]);

async function accessible() {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`), []);
}

const checks = {
  async 'an empty page tells what to do'() {
    match(await page.$eval('#none', none => none.innerText), /curl http:\/\/127\.0\.0\.1:\d+\/v1\/models/);
    deepEqual(await rows(), []);
  },

  async 'a row appears while its request waits, and changes while its answer streams'() {
    const sent = send('/v1/chat/completions?key=secret', { upstream: 'deepseek', stream: 'one', wait: 50 });
    const answer = await stream('one');
    const waiting = await row(row => row.outcome === 'running' && row.badge === '200', 'a request under way');
    deepEqual(
      [waiting.method, waiting.path, waiting.provider, waiting.name, waiting.choice, waiting.first, waiting.received],
      ['POST', '/v1/chat/completions', 'OpenAI', 'deepseek', 'name', '', '']);

    answer.write(1200);
    const begun = await row(row => row.received === '↓ 1.2 kB', 'a first piece');
    equal(begun.outcome, 'running');
    match(begun.first, /\d (ms|s)$/);

    answer.write(4100);
    const later = await row(row => row.received === '↓ 5.3 kB', 'a second piece');
    notEqual(later.duration, begun.duration);
    equal(await page.$eval('[data-count=running]', count => count.textContent), '1');

    answer.end();
    await sent;
    const done = await row(row => row.outcome === 'done', 'the end');
    deepEqual([done.badge, done.received], ['200', '↓ 5.3 kB']);
    equal(await page.$eval('[data-count=running]', count => count.textContent), '0');
  },

  async 'new rows come on top'() {
    await send('/v1/models', { method: 'GET' });
    await row(row => row.path === '/v1/models' && row.outcome === 'done', 'a second row');
    deepEqual((await rows()).map(row => row.path), ['/v1/models', '/v1/chat/completions']);
  },

  async 'a refusal has its own color and its reason'() {
    await send('/v1/responses', { upstream: 'depseek' });
    const refused = await row(row => row.outcome === 'refused', 'a refusal');
    deepEqual([refused.badge, refused.reason], ['400 refused', "there is no upstream 'depseek'"]);
    await send('/v1/messages', { fail: true });
    const failed = await row(row => row.outcome === 'failed', 'a failure');
    equal(failed.badge, '502 failed');
    const colors = await page.$$eval('#rows tr.request', lines => Object.fromEntries(lines.map(line => [line.dataset.outcome, getComputedStyle(line.querySelector('.badge')).color])));
    equal(new Set(Object.values(colors)).size, 3, JSON.stringify(colors));
  },

  async 'a client that leaves is told apart from an upstream that fails'() {
    const sent = send('/v1/messages', { stream: 'left' });
    await stream('left');
    await row(row => row.outcome === 'running' && row.badge === '200', 'a stream');
    sent.leave();
    equal((await row(row => row.outcome === 'client_gone', 'a client that left')).badge, '200 left');
  },

  async 'what callers send is shown as text'() {
    await send('/v1/models/<img/src=x/onerror=alert(1)>', { method: 'GET', upstream: '<b>x</b>' });
    await row(row => row.path === '/v1/models/<img/src=x/onerror=alert(1)>', 'the path as it came');
    equal(await page.$('#rows img, #rows b'), null);
  },

  async 'below a mount, the rest of a path is not shown'() {
    await send('/@local/v1/chat/completions/S3CRET');
    await row(row => row.path === '/@local/...', 'a path that is cut');
    await page.click('#rows tr.request button');
    ok((await page.$$('#rows .detail li')).length >= 7);
    equal((await page.content()).includes('S3CRET'), false);
    await page.click('#rows tr.request button');
    equal(await page.$('#rows .detail'), null);
  },

  async 'a row opens to the steps of its decision, by mouse'() {
    const line = await page.$('#rows tr.request[data-outcome=refused] .badge');
    await line.click();
    const steps = await page.$$eval('#rows .detail li', items => items.map(item => item.textContent));
    deepEqual(steps.map(step => step.split(' ')[0]), ['login', 'path', 'mount', 'provider', 'upstream', 'refused']);
    await line.click();
    equal(await page.$('#rows .detail'), null);
  },

  async 'and by keyboard'() {
    await page.focus('#filter');
    await page.keyboard.press('Tab');
    equal(await focused(), '/@local/...');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    equal(await focused(), '/v1/chat/completions');
    equal(await page.$eval(':focus', button => button.matches(':focus-visible') && getComputedStyle(button).outlineStyle), 'solid');
    await page.keyboard.press('Enter');
    equal(await page.$eval(':focus', button => button.getAttribute('aria-expanded')), 'true');
    equal(await page.$eval(':focus', button => document.getElementById(button.getAttribute('aria-controls')).matches('tr.request:has(:focus) + tr.detail')), true);
    match(await page.$eval('#rows .detail', detail => detail.textContent), /http:\/\/127\.77\.0\.4:8080\/v1\/chat\/completions.*first byte after .* in all/s);
    await page.keyboard.press('Escape');
    equal(await page.$('#rows .detail'), null);
    await page.keyboard.press('Home');
    equal(await focused(), '/@local/...');
  },

  async 'a link at the top leads to the requests'() {
    await page.reload();
    await page.waitForSelector('#rows tr.request');
    await page.keyboard.press('Tab');
    equal(await focused(), 'Skip to the requests');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    equal(await page.$eval(':focus', input => input.name), 'show');
  },

  async 'requests are filtered by kind, words and upstream'() {
    const shown = async () => (await rows()).filter(row => !row.hidden).map(row => row.outcome);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    deepEqual(new Set(await shown()), new Set(['refused']));
    await page.click('.chips label:has([value=all])');
    await page.type('#filter', 'deepseek post');
    deepEqual(await shown(), ['done']);
    await page.$eval('#filter', input => { input.value = ''; input.dispatchEvent(new Event('input')); });
    const total = (await page.$$('#totals button'))[0];
    const name = await total.evaluate(button => button.textContent);
    await total.click();
    notEqual((await shown()).length, (await rows()).length);
    for (let i = 0; i < 4; i++) await send('/v1/models', { method: 'GET', upstream: 'openrouter' });
    await row(row => row.name === 'openrouter' && row.hidden, 'a row that does not fit');
    await eventually(() => page.$$eval('#totals .requests', counts => counts.some(count => count.textContent === '4')), 'a total of 4');
    equal(await focused(), name, 'an upstream that overtakes does not take the focus');
    await total.click();
    equal((await shown()).length, (await rows()).length);
  },

  async 'totals tell of each upstream'() {
    const totals = await page.$$eval('#totals tr', lines => lines.map(line => [line.querySelector('button').textContent, line.querySelector('.requests').textContent, line.querySelector('.errors').textContent]));
    deepEqual(totals.find(([name]) => name === 'deepseek'), ['deepseek', '1', '']);
    deepEqual(totals.find(([name]) => name === 'Anthropic'), ['Anthropic', '2', '2']);
    deepEqual(totals.find(([name]) => name === 'none: refused'), ['none: refused', '2', '2']);
  },

  async 'a paused page stands still'() {
    const before = await rows();
    await page.click('#pause');
    await send('/v1/models/late', { method: 'GET' });
    await page.waitForFunction(() => /Paused, 1 changed/.test(document.getElementById('link').textContent));
    deepEqual(await rows(), before);
    await page.click('#pause');
    await row(row => row.path === '/v1/models/late', 'the row that came meanwhile');
  },

  async 'the form tells where a request would go'() {
    await page.focus('[name=path]');
    await page.$eval('[name=path]', input => input.select());
    await page.keyboard.type('/v1/chat/completions?key=x');
    await page.keyboard.press('Tab');
    await page.keyboard.type('https://api.z.ai/api/paas/v4');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#answer[data-outcome=forwarded]');
    equal(await page.$eval('#question', question => question.textContent), 'POST /v1/chat/completions?key=... would go to');
    match(await page.$eval('#verdict', verdict => verdict.textContent), /^https:\/\/api\.z\.ai\/api\/paas\/v4\/chat\/completions\?/);
    ok((await page.$$('#answer li')).length >= 7);
  },

  async 'and why one would not'() {
    const before = (await rows()).length;
    await page.$eval('[name=upstream]', input => { input.value = 'http://169.254.169.254'; });
    await page.click('#ask [type=submit]');
    await page.waitForSelector('#answer[data-outcome=refused]');
    match(await page.$eval('#verdict', verdict => verdict.textContent), /^403 upstream_not_allowed/);
    await page.$eval('[name=upstream]', input => { input.value = ''; });
    await page.$eval('[name=headers]', input => { input.value = 'not a header'; });
    await page.click('#ask [type=submit]');
    await page.waitForSelector('#answer[data-outcome=unknown]');
    match(await page.$eval('#verdict', verdict => verdict.textContent), /name: value/);
    await page.$eval('[name=headers]', input => { input.value = 'x-api-key: sk-ant-S3CRET'; });
    await page.$eval('[name=path]', input => { input.value = '/v1/messages'; });
    await page.click('#ask [type=submit]');
    await page.waitForSelector('#answer[data-outcome=forwarded]');
    match(await page.$eval('#verdict', verdict => verdict.textContent), /^http:\/\/127\.77\.0\.2:8080\/v1\/messages/);
    equal((await page.$eval('#answer', answer => answer.textContent)).includes('S3CRET'), false);
    equal((await rows()).length, before, 'what is asked about is not sent');
  },

  async 'people with other senses and hands can use it, light and dark, wide and narrow'() {
    for (const line of (await page.$$('#rows tr.request button')).slice(0, 3)) await line.press('Enter');
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }]);
      for (const size of [wide, { width: 1300, height: 900 }, { width: 800, height: 900 }, narrow]) {
        await page.setViewport(size);
        await noSidewaysScroll();
        await accessible();
      }
    }
  },

  async 'a screen reader finds a table at 400 pixels, too'() {
    const { nodes } = await (await page.createCDPSession()).send('Accessibility.getFullAXTree');
    const roles = nodes.filter(node => !node.ignored).map(node => node.role.value);
    const count = role => roles.filter(one => one === role).length;
    equal(count('table'), 2);
    equal(count('columnheader'), 15);
    ok(count('row') > 10 && count('cell') > 50, `${count('row')} rows, ${count('cell')} cells`);
    await page.setViewport(wide);
  },

  async 'a lost connection comes back, and an open row stays open'() {
    const line = await relay();
    const other = await open(line.url);
    await other.click('#rows tr.request button');
    line.cut();
    await other.waitForSelector('#link[data-state=lost]');
    await send('/v1/models/meanwhile', { method: 'GET' });
    await other.waitForSelector('#link[data-state=live]');
    await other.waitForFunction(() => document.querySelector('#rows .path').textContent === '/v1/models/meanwhile');
    ok(await other.$('#rows .detail'));
    await other.close();
    line.close();
  },

  async 'the browser had nothing to complain about'() {
    deepEqual(complaints, []);
  },

  async 'the browser would refuse HTML that is made of text, and code from elsewhere'() {
    const refused = await page.evaluate(() => {
      try {
        document.getElementById('verdict').innerHTML = '<b>x</b>';
        return false;
      } catch (error) {
        return error instanceof TypeError;
      }
    });
    equal(refused, true);
    await page.evaluate(() => document.head.append(Object.assign(document.createElement('style'), { textContent: 'body { color: red }' })));
    await eventually(() => complaints.some(text => text.startsWith('policy: require-trusted-types-for')) && complaints.some(text => text.startsWith('policy: style-src')), 'a violation');
  },

  async 'pictures'() {
    const shots = await open();
    await shots.setViewport({ width: 1360, height: 1000 });
    const held = [];
    const post = '/v1/chat/completions';
    await send('/v1/embeddings', { wait: 60, size: 24_600 });
    await send('/v1/models', { method: 'GET', upstream: 'openrouter' });
    await send('/v1/messages', { wait: 910, size: 11_400, prompt: 'x'.repeat(18_300) });
    await send('/v1beta/models/gemini-2.5-pro:generateContent', { wait: 640, size: 7_300, prompt: 'x'.repeat(4_100) });
    await send(post, { upstream: 'https://gpu-7.internal:8443/v1' });
    await send('/v1/responses', { wait: 370, size: 5_200, prompt: 'x'.repeat(2_600) });
    await send(post, { upstream: 'openrouter', fail: true, wait: 240 });
    await send('/v1/messages', { wait: 130, status: 429, size: 180, prompt: 'x'.repeat(18_300) });
    await send(post, { upstream: 'depseek' });
    await send('/@deepseek/v1/chat/completions', { wait: 480, size: 9_800, prompt: 'x'.repeat(6_200) });
    await send('/upstream/chat/completions', { upstream: 'local', wait: 40, size: 3_300 });
    for (const [name, path, options] of [
      ['a', '/v1/messages', { prompt: 'x'.repeat(21_900), wait: 700 }],
      ['b', post, { upstream: 'deepseek', prompt: 'x'.repeat(8_700), wait: 310 }],
    ]) {
      held.push(send(path, { ...options, stream: name }));
      (await stream(name)).write(name === 'a' ? 14_200 : 6_900);
    }
    const waiting = send('/v1/responses', { prompt: 'x'.repeat(3_400), stream: 'c', wait: 1200 });
    await sleep(1000);
    for (const scheme of ['light', 'dark']) {
      if (scheme === 'light') {
        await shots.click('#rows tr.request:nth-of-type(6) button');
      } else {
        await shots.click('#rows [aria-expanded=true]');
        await shots.type('[name=upstream]', 'https://api.z.ai/api/paas/v4');
        await shots.keyboard.press('Enter');
        await shots.waitForSelector('#answer[data-outcome=forwarded]');
      }
      await shots.evaluate(() => document.activeElement.blur());
      await shots.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }]);
      await sleep(300);
      const path = `${docs}page-${scheme}.png`;
      await shots.screenshot({ path });
      ok((await stat(path)).size < 200_000, 'a picture of less than 200 KB');
    }
    for (const name of ['a', 'b', 'c']) (await stream(name)).end();
    await Promise.all([...held, waiting]);
  },
};

let failed = false;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok    ${name}`);
  } catch (error) {
    failed = true;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
