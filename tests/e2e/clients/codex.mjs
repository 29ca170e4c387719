import { fileURLToPath } from 'node:url';
import { commandLineClient } from '../command-line.mjs';
import { model } from '../mock.mjs';

const program = fileURLToPath(import.meta.resolve('codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex'));
const key = 'sk-e2e-codex';

export default ({ url, headers, mock }) => ['SSE', 'WebSocket'].map(transport => commandLineClient({
  name: `Codex CLI, ${transport}`,
  key: ['authorization', `Bearer ${key}`],
  request: transport === 'SSE' ? 'POST /v1/responses' : 'GET /v1/responses',
  read: file => `call exec_command cmd=cat ${file}`,
  run: prompt => ({
    // Its sandbox needs user namespaces, which containers often lack; the only command it is told to run prints a note.
    command: [program, 'exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', prompt],
    files: {
      '.codex/config.toml': `
model = "${model}"
model_provider = "headroom"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.headroom]
name = "Headroom"
base_url = "${url}/v1"
env_key = "HEADROOM_E2E_KEY"
wire_api = "responses"
supports_websockets = ${transport === 'WebSocket'}
http_headers = { ${Object.entries(headers).map(([name, value]) => `"${name}" = "${value}"`).join(', ')} }
`,
    },
    env: { HEADROOM_E2E_KEY: key },
  }),
}, { mock }));
