import { fileURLToPath } from 'node:url';
import { commandLineClient } from '../command-line.mjs';
import { model } from '../mock.mjs';

const program = fileURLToPath(import.meta.resolve('@anthropic-ai/claude-code-linux-x64/claude'));
const key = 'sk-ant-e2e-claude-code';

export default ({ url, headers, mock }) => commandLineClient({
  name: 'Claude Code',
  key: ['x-api-key', key],
  request: 'POST /v1/messages?beta=true',
  read: file => `call Read file_path=${file}`,
  run: prompt => ({
    command: [program, '-p', prompt, '--model', model],
    env: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: key,
      ANTHROPIC_CUSTOM_HEADERS: Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n'),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    },
  }),
}, { mock });
