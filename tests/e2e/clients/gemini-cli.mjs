import { fileURLToPath } from 'node:url';
import { commandLineClient } from '../command-line.mjs';
import { model } from '../mock.mjs';

const program = fileURLToPath(import.meta.resolve('@google/gemini-cli/bundle/gemini.js'));
const key = 'e2e-gemini-cli';

export default ({ url, headers, mock }) => commandLineClient({
  name: 'Gemini CLI',
  key: ['x-goog-api-key', key],
  request: `POST /v1beta/models/${model}:streamGenerateContent?alt=sse`,
  read: file => `call read_file file_path=${file}`,
  run: prompt => ({
    command: [process.execPath, program, '--model', model, '--prompt', prompt],
    files: {
      '.gemini/settings.json': JSON.stringify({
        general: { enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
        security: { auth: { selectedType: 'gemini-api-key' } },
      }),
    },
    env: {
      GOOGLE_GEMINI_BASE_URL: url,
      GEMINI_API_KEY: key,
      GEMINI_CLI_CUSTOM_HEADERS: Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join(', '),
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
    },
  }),
}, { mock });
