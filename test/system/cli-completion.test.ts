import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const cli = path.resolve('out/cli/canopus.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-completion-'));
  const program = path.join(folder, 'canopus');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  await chmod(program, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What each shell does with the script and the line `canopus flash --kat`. */
const uses = {
  bash: `source "$SCRIPT"; COMP_WORDS=(canopus flash --kat); COMP_CWORD=2; _canopus; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: 'compdef() { :; }; compadd() { print -l -- "${found[@]}"; }; source "$SCRIPT"; words=(canopus flash --kat); CURRENT=3; _canopus',
  fish: 'source $SCRIPT; complete -C "canopus flash --kat"',
} as const;

function isInstalled(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
}

describe.each(Object.entries(uses))('completion in %s', (shell, script) => {
  it.skipIf(!isInstalled(shell))('offers what fits', async () => {
    const { stdout } = await run(process.execPath, [cli, 'completion', shell]);
    const file = path.join(folder, `script.${shell}`);
    await writeFile(file, stdout);
    const env = {
      ...process.env,
      SCRIPT: file,
      HOME: folder,
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    };
    const { stdout: offered } = await run(shell, ['-c', script], { env });
    expect(offered.trim().split('\n')).toEqual(['--katapult']);
  });
});
