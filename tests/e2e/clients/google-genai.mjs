import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { GoogleGenAI } from '@google/genai';
import { greeting, model } from '../mock.mjs';

const key = 'e2e-google-genai';
const ask = contents => ({ model, contents });

export default ({ url, headers, mock }) => {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url, headers } });
  const v1 = new GoogleGenAI({ apiKey: key, apiVersion: 'v1', httpOptions: { baseUrl: url, headers } });
  const ids = async pager => (await pager).page.map(({ name }) => name);

  return {
    name: '@google/genai',
    key: ['x-goog-api-key', key],
    checks: {
      async chat() {
        equal((await client.models.generateContent(ask('say hi'))).text, greeting);
        equal((await v1.models.generateContent(ask('say hi'))).text, greeting);
        return [`POST /v1beta/models/${model}:generateContent`, `POST /v1/models/${model}:generateContent`];
      },

      async stream() {
        let text = '';
        for await (const chunk of await client.models.generateContentStream(ask('say hi'))) text += chunk.text;
        equal(text, greeting);
        return [`POST /v1beta/models/${model}:streamGenerateContent?alt=sse`];
      },

      async tools() {
        const weather = {
          tool: () => ({ functionDeclarations: [{ name: 'weather', parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } } } }] }),
          callTool: ([{ args }]) => [{ functionResponse: { name: 'weather', response: { output: `sunny in ${args.city}` } } }],
        };
        const answer = await client.models.generateContent({ ...ask('call weather city=Paris'), config: { tools: [weather] } });
        equal(answer.text, 'The tool said: {"output":"sunny in Paris"}');
        return [`POST /v1beta/models/${model}:generateContent`];
      },

      async cancel() {
        const abort = new AbortController();
        const stream = await client.models.generateContentStream({ ...ask('stream forever'), config: { abortSignal: abort.signal } });
        await stream.next();
        abort.abort();
        await mock.hungUp(500);
        return [`POST /v1beta/models/${model}:streamGenerateContent?alt=sse`];
      },

      // A resumable upload in two parts.
      async upload() {
        const content = randomBytes(9_000_000);
        const file = await client.files.upload({ file: new Blob([content]), config: { mimeType: 'application/octet-stream' } });
        equal(file.name, 'files/1');
        const [, ...parts] = mock.requests;
        equal(parts.length, 2);
        ok(Buffer.concat(parts.map(part => part.body)).equals(content), 'the file arrived changed');
        return ['POST /upload/v1beta/files', 'POST /upload/v1beta/files?upload_id=1&upload_protocol=resumable'];
      },

      // As v1 its lists have the paths of OpenAI's and Anthropic's.
      async lists() {
        for (const api of [client, v1]) {
          deepEqual(await ids(api.files.list({ config: { pageSize: 2 } })), ['files/1']);
          deepEqual(await ids(api.batches.list()), ['batches/1']);
          deepEqual(await ids(api.models.list({ config: { queryBase: true } })), [`models/${model}`]);
        }
        return ['v1beta', 'v1'].flatMap(version => [`GET /${version}/files?pageSize=2`, `GET /${version}/batches`, `GET /${version}/models`]);
      },

      async websocket() {
        let answered;
        const answer = new Promise(resolve => { answered = resolve; });
        const session = await client.live.connect({ model, callbacks: { onmessage: message => message.serverContent && answered(message) } });
        try {
          session.sendClientContent({ turns: 'say hi' });
          equal((await answer).text, greeting);
        } finally {
          session.close();
        }
        return [`GET //ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=${key}`];
      },
    },
  };
};
