import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { guestShareDir, type Guest } from './guest/client.ts';
import { guestOfThisRun } from './this-run.ts';

describe('the guest', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await guestOfThisRun();
  });

  it('is another kernel that sees the programs of this machine', async () => {
    const { stdout } = await guest.run('uname -sr; node --version');
    expect(stdout).toMatch(/^Linux \S+-amd64\n/);
    expect(stdout).toContain(process.version);
  });

  it('tells exit code, stdout and stderr apart', async () => {
    expect(await guest.run('echo out; echo err >&2; exit 7')).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('passes environment, folder, user and standard input on', async () => {
    const command = guest.start('echo "$NAME $(pwd) $(id -u)"; read -r word; echo "$word"', {
      env: { NAME: 'value' },
      cwd: '/var',
      user: 1000,
    });
    await command.line((line) => line === 'value /var 1000');
    command.write('hello\n');
    expect((await command.result).stdout).toBe('value /var 1000\nhello\n');
  });

  it('delivers a signal to a running command', async () => {
    const command = guest.start(
      `trap 'echo stopped; exit 130' INT; echo ready; while :; do read -r line; done`,
    );
    await command.line((line) => line === 'ready');
    command.kill('SIGINT');
    expect(await command.result).toMatchObject({ exitCode: 130, stdout: 'ready\nstopped\n' });
  });

  it('kills a command with all its children when the time is over', async () => {
    const sleepers = 'pgrep -x -f "sleep 4711"';
    await expect(guest.run('sleep 4711 & sleep 4711', { timeoutMs: 500 })).rejects.toThrow(
      'did not end within',
    );
    await guest.until(`! ${sleepers}`);
  });

  it('says which line did not come when a command ends early', async () => {
    const command = guest.start('echo one; exit 3');
    await expect(command.line((line) => line === 'two')).rejects.toThrow('ended with 3');
  });

  it('exchanges files with this machine, which it cannot change otherwise', async () => {
    await guest.must(`echo from-guest > ${guestShareDir}/file`);
    expect(await readFile(path.join(guest.address.shareDir, 'file'), 'utf8')).toBe('from-guest\n');
    await guest.must('echo changed > /etc/hostname');
    expect(await readFile('/etc/hostname', 'utf8')).not.toBe('changed\n');
  });

  it('reports device events of the kernel and of udevd', async () => {
    const seen: string[] = [];
    const stop = await guest.watch((event) => {
      const { ACTION, INTERFACE } = event.properties;
      if (INTERFACE === 'vcan9') seen.push(`${event.source} ${ACTION}`);
    });
    await guest.must('ip link add vcan9 type vcan && ip link delete vcan9');
    await expect.poll(() => seen, { timeout: 30_000 }).toContain('udev remove');
    stop();
    expect(seen).toContain('kernel add');
  });
});
