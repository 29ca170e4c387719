import { equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import OpenAI, { toFile } from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { greeting, model } from '../mock.mjs';

const key = 'sk-e2e-openai';
const weather = { name: 'weather', description: 'The weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
const ask = content => ({ model, messages: [{ role: 'user', content }] });

export default ({ url, headers, mock }) => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, defaultHeaders: headers, maxRetries: 0 });

  return {
    name: 'openai',
    key: ['authorization', `Bearer ${key}`],
    checks: {
      async chat() {
        const completion = await client.chat.completions.create(ask('say hi'));
        equal(completion.choices[0].message.content, greeting);
        const response = await client.responses.create({ model, input: 'say hi' });
        equal(response.output_text, greeting);
        return ['POST /v1/chat/completions', 'POST /v1/responses'];
      },

      async stream() {
        const completion = await client.chat.completions.stream(ask('say hi')).finalContent();
        equal(completion, greeting);
        const response = await client.responses.stream({ model, input: 'say hi' }).finalResponse();
        equal(response.output_text, greeting);
        return ['POST /v1/chat/completions', 'POST /v1/responses'];
      },

      async tools() {
        const run = client.chat.completions.runTools({
          ...ask('call weather city=Paris'),
          stream: true,
          tools: [{ type: 'function', function: { ...weather, parse: JSON.parse, function: ({ city }) => `sunny in ${city}` } }],
        });
        equal(await run.finalContent(), 'The tool said: sunny in Paris');
        const { output } = await client.responses.create({
          model, input: 'call weather city=Paris', tools: [{ type: 'function', strict: false, ...weather }],
        });
        equal(output[0].arguments, '{"city":"Paris"}');
        return ['POST /v1/chat/completions', 'POST /v1/responses'];
      },

      async cancel() {
        for await (const chunk of await client.chat.completions.create({ ...ask('stream forever'), stream: true })) {
          if (chunk.choices[0].delta.content) break;
        }
        await mock.hungUp(500);
        return ['POST /v1/chat/completions'];
      },

      // More than Kestrel's default limit of a request body.
      async upload() {
        const content = randomBytes(31_000_000);
        const file = await client.files.create({ file: await toFile(content, 'notes.bin'), purpose: 'user_data' });
        equal(file.id, 'file-1');
        ok(mock.requests[0].body.includes(content), 'the file arrived changed');
        return ['POST /v1/files'];
      },

      async lists() {
        equal((await client.files.list({ purpose: 'batch', limit: 2 })).data[0].id, 'file-1');
        equal((await client.batches.list({ after: 'batch-0' })).data[0].id, 'batch-1');
        equal((await client.models.list()).data[0].id, model);
        return ['GET /v1/files?purpose=batch&limit=2', 'GET /v1/batches?after=batch-0', 'GET /v1/models'];
      },

      // The Realtime class of this SDK always dials wss; this one follows the scheme of its base URL.
      async websocket() {
        const socket = new ResponsesWS(client, { headers });
        try {
          socket.send({ type: 'response.create', model, input: 'say hi' });
          equal((await socket.emitted('response.completed')).response.output[0].content[0].text, greeting);
        } finally {
          socket.close();
        }
        return ['GET /v1/responses'];
      },
    },
  };
};
