import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../out/cli/canopus.js', import.meta.url));

it('a command whose reader stops reading, as `head` does, still comes to its own end', async () => {
  const child = spawn(process.execPath, [program, 'presets', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const exited = once(child, 'exit');
  const errors = await text(child.stderr);
  await exited;
  expect([child.exitCode, errors]).toEqual([0, '']);
});
