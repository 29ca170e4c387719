import { fileURLToPath } from 'node:url';
import { commandLineClient } from '../command-line.mjs';
import { model } from '../mock.mjs';

const program = fileURLToPath(import.meta.resolve('opencode-linux-x64/bin/opencode'));
const key = 'sk-e2e-opencode';

export default ({ url, headers, mock }) => commandLineClient({
  name: 'OpenCode',
  key: ['authorization', `Bearer ${key}`],
  request: 'POST /v1/responses',
  read: file => `call read filePath=${file}`,
  run: prompt => ({
    command: [program, 'run', '--model', `openai/${model}`, prompt],
    files: {
      'work/opencode.json': JSON.stringify({
        provider: {
          openai: {
            options: { baseURL: `${url}/v1`, apiKey: key, headers },
            models: { [model]: {} },
          },
        },
      }),
    },
    env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
  }),
}, { mock });
