import { deepEqual, equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { greeting, model } from '../mock.mjs';

const key = 'sk-ant-e2e-anthropic';
const ask = content => ({ model, max_tokens: 100, messages: [{ role: 'user', content }] });

export default ({ url, headers, mock }) => {
  const client = new Anthropic({ baseURL: url, apiKey: key, defaultHeaders: headers, maxRetries: 0 });

  return {
    name: '@anthropic-ai/sdk',
    key: ['authorization', `Bearer ${key}`],
    checks: {
      async chat() {
        const message = await client.messages.create(ask('say hi'));
        equal(message.content[0].text, greeting);
        return ['POST /v1/messages'];
      },

      async stream() {
        equal(await client.messages.stream(ask('say hi')).finalText(), greeting);
        return ['POST /v1/messages'];
      },

      async tools() {
        const weather = betaTool({
          name: 'weather', description: 'The weather of a city',
          inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          run: ({ city }) => `sunny in ${city}`,
        });
        const message = await client.beta.messages.toolRunner({ ...ask('call weather city=Paris'), tools: [weather], stream: false });
        equal(message.content[0].text, 'The tool said: sunny in Paris');
        return ['POST /v1/messages'];
      },

      async cancel() {
        for await (const event of await client.messages.create({ ...ask('stream forever'), stream: true })) {
          if (event.type === 'content_block_delta') break;
        }
        await mock.hungUp(500);
        return ['POST /v1/messages'];
      },

      async upload() {
        const content = randomBytes(31_000_000);
        const file = await client.files.upload({ file: await toFile(content, 'notes.bin') });
        equal(file.id, 'file-1');
        ok(mock.requests[0].body.includes(content), 'the file arrived changed');
        return ['POST /v1/files'];
      },

      async lists() {
        deepEqual((await client.files.list({ limit: 2 })).data.map(file => file.id), ['file-1']);
        deepEqual((await client.messages.batches.list({ after_id: 'batch-0' })).data.map(batch => batch.id), ['batch-1']);
        deepEqual((await client.models.list()).data.map(({ id }) => id), [model]);
        return ['GET /v1/files?limit=2', 'GET /v1/messages/batches?after_id=batch-0', 'GET /v1/models'];
      },
    },
  };
};
