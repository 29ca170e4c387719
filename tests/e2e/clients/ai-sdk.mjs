import { equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { experimental_transcribe as transcribe, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { greeting, model } from '../mock.mjs';

globalThis.AI_SDK_LOG_WARNINGS = false;

const weather = tool({
  description: 'The weather of a city',
  inputSchema: jsonSchema({ type: 'object', properties: { city: { type: 'string' } } }),
  execute: ({ city }) => `sunny in ${city}`,
});

// The same checks for each provider package; only their names, keys and paths differ.
const clientOf = (mock, { provider, key, model, path, streamPath = path, checks }) => ({
  name: `ai + ${provider}`,
  key,
  checks: {
    async chat() {
      equal((await generateText({ model, prompt: 'say hi', maxRetries: 0 })).text, greeting);
      return [`POST ${path}`];
    },

    async stream() {
      equal(await streamText({ model, prompt: 'say hi', maxRetries: 0 }).text, greeting);
      return [`POST ${streamPath}`];
    },

    async tools() {
      const { text } = streamText({ model, prompt: 'call weather city=Paris', tools: { weather }, stopWhen: stepCountIs(2), maxRetries: 0 });
      ok((await text).includes('sunny in Paris'), await text);
      return [`POST ${streamPath}`];
    },

    async cancel() {
      const abort = new AbortController();
      const { textStream } = streamText({ model, prompt: 'stream forever', abortSignal: abort.signal, maxRetries: 0 });
      for await (const _ of textStream) abort.abort();
      await mock.hungUp(500);
      return [`POST ${streamPath}`];
    },

    ...checks,
  },
});

export default ({ url, headers, mock }) => {
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-e2e-ai', headers });
  const compatible = createOpenAICompatible({ name: 'mock', baseURL: `${url}/v1`, apiKey: 'sk-e2e-compatible', headers });
  const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: 'sk-ant-e2e-ai', headers });
  const google = createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: 'e2e-google-ai', headers });

  return [
    clientOf(mock, {
      provider: '@ai-sdk/openai', key: ['authorization', 'Bearer sk-e2e-ai'], model: openai(model), path: '/v1/responses',
      checks: {
        async upload() {
          const audio = randomBytes(1_000_000);
          equal((await transcribe({ model: openai.transcription('whisper-1'), audio, maxRetries: 0 })).text, greeting);
          ok(mock.requests[0].body.includes(audio), 'the audio arrived changed');
          return ['POST /v1/audio/transcriptions'];
        },
      },
    }),
    clientOf(mock, {
      provider: '@ai-sdk/openai-compatible', key: ['authorization', 'Bearer sk-e2e-compatible'], model: compatible(model), path: '/v1/chat/completions',
    }),
    clientOf(mock, {
      provider: '@ai-sdk/anthropic', key: ['x-api-key', 'sk-ant-e2e-ai'], model: anthropic(model), path: '/v1/messages',
    }),
    clientOf(mock, {
      provider: '@ai-sdk/google', key: ['x-goog-api-key', 'e2e-google-ai'], model: google(model),
      path: `/v1beta/models/${model}:generateContent`, streamPath: `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    }),
  ];
};
