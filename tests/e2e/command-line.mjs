import { equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { greeting } from './mock.mjs';

const running = new Set();

/** Stops every command that is still running, with whatever it started. */
export function killAll() {
  for (const child of running) kill(child, 'SIGKILL');
}

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

// A home that nobody has used before, and no way out but the loopback: whatever a program tries to send elsewhere
// (updates, telemetry, catalogues) meets a closed port.
async function start(command, { files = {}, env = {} }) {
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  const work = join(home, 'work');
  for (const folder of ['work', 'tmp']) await mkdir(join(home, folder));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
  const nowhere = 'http://127.0.0.1:9';
  const [file, ...args] = command;
  const child = spawn(file, args, {
    cwd: work,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH, HOME: home, TMPDIR: join(home, 'tmp'),
      XDG_CONFIG_HOME: join(home, '.config'), XDG_CACHE_HOME: join(home, '.cache'),
      XDG_DATA_HOME: join(home, '.local/share'), XDG_STATE_HOME: join(home, '.local/state'),
      HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, NO_PROXY: '127.0.0.1,localhost',
      ...env,
    },
  });
  await once(child, 'spawn');
  running.add(child);
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(async ([[code], stdout, stderr]) => {
    kill(child, 'SIGKILL');
    running.delete(child);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
    return { code, stdout, stderr };
  });
  return { child, ended };
}

/**
 * A client that is a program. `run(prompt)` gives its command line, its files (paths in its home) and its environment;
 * `request` is what the upstream must have seen; `read(file)` words the prompt that makes it read that file.
 */
export function commandLineClient({ name, key, request, run, read }, { mock }) {
  async function answer(prompt, files) {
    const { command, ...rest } = run(prompt);
    const { ended } = await start(command, { ...rest, files: { ...rest.files, ...files } });
    const { code, stdout, stderr } = await ended;
    equal(code, 0, `it ended with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  return {
    name,
    key,
    checks: {
      // A program always streams: one check tells both.
      async stream() {
        const stdout = await answer('say hi');
        ok(stdout.includes(greeting), `it printed: ${stdout}`);
        return [request];
      },

      async tools() {
        const secret = randomUUID();
        const stdout = await answer(read('note.txt'), { 'work/note.txt': secret });
        ok(stdout.includes('The tool said:') && stdout.includes(secret), `it printed: ${stdout}`);
        return [request];
      },

      async cancel() {
        const { command, ...rest } = run('stream forever');
        const { child, ended } = await start(command, rest);
        await Promise.race([mock.streaming(), ended]);
        kill(child, 'SIGINT');
        await mock.hungUp(1500);
        kill(child, 'SIGKILL');
        await ended;
        return [request];
      },
    },
  };
}
