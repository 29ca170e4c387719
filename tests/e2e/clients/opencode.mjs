import { fileURLToPath } from 'node:url';
import { commandLineClient } from '../command-line.mjs';
import { model } from '../mock.mjs';

const program = fileURLToPath(import.meta.resolve('opencode-linux-x64/bin/opencode'));

// Two providers in one configuration, both behind the one URL: what a person with several keys sets up.
const providers = {
  openai: { key: 'sk-e2e-opencode', request: 'POST /v1/responses' },
  second: { key: 'sk-e2e-opencode-second', request: 'POST /v1/chat/completions', npm: '@ai-sdk/openai-compatible' },
};

export default ({ url, headers, mock }) => {
  const provider = Object.fromEntries(Object.entries(providers).map(([name, { key, npm }]) => [name, {
    npm,
    options: { baseURL: `${url}/v1`, apiKey: key, headers },
    models: { [model]: {} },
  }]));

  return Object.entries(providers).map(([name, { key, request }]) => commandLineClient({
    name: `OpenCode, ${name}`,
    key: ['authorization', `Bearer ${key}`],
    request,
    read: file => `call read filePath=${file}`,
    run: prompt => ({
      command: [program, 'run', '--model', `${name}/${model}`, prompt],
      files: { 'work/opencode.json': JSON.stringify({ small_model: `${name}/${model}`, provider }) },
      env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
    }),
  }, { mock }));
};
