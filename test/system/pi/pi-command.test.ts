import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCliContext } from '../../../main/hosts/cli/context.ts';
import { registerPi } from '../../../main/hosts/cli/pi-command.ts';
import { startLoopbackPi, type LoopbackPi } from './loopback-pi.ts';

const uuid = '6beb0175188a';

/** One line of `--json`. */
interface Line {
  readonly type: string;
  readonly outcome?: string;
  readonly next?: string;
  readonly checks?: readonly { readonly id: string; readonly answer: string; readonly why: string }[];
}

/** What a process would end with; another type as soon as anybody sets it. */
function exitCodeNow(): number {
  const code: unknown = process.exitCode;
  return typeof code === 'number' ? code : 0;
}

describe('canopus pi', () => {
  let pi: LoopbackPi;
  let folder: string;
  const before = { ...process.env };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canopus-cli-'));
    // Nothing of the user who runs the tests: no agent, no known hosts, no keys.
    process.env['HOME'] = folder;
    process.env['XDG_DATA_HOME'] = join(folder, 'data');
    delete process.env['SSH_AUTH_SOCK'];
    pi = await startLoopbackPi({ flavour: 'networkmanager' });
  });
  afterAll(async () => {
    process.env = before;
    process.exitCode = undefined;
    await pi[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Runs the command line in this process. */
  async function canopus(
    ...words: string[]
  ): Promise<{ exitCode: number; out: string; err: string; lines: Line[] }> {
    let out = '';
    let err = '';
    process.exitCode = undefined;
    const context = createCliContext({
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    });
    const program = new Command('canopus');
    registerPi(program, context);
    const login = ['--host', `${pi.server.user}@127.0.0.1:${pi.server.port}`, '--key', pi.server.keyFile];
    const trust = ['--trust', await pi.server.hostKeyFingerprint()];
    await program.parseAsync([
      'node',
      'canopus',
      'pi',
      ...words.slice(0, 1),
      ...(words[0] === 'forget-key' ? [] : [...login, ...trust]),
      ...words.slice(1),
    ]);
    const exitCode = exitCodeNow();
    process.exitCode = undefined;
    const json = words.includes('--json') ? out.trim().split('\n') : [];
    const lines = json.map((line) => JSON.parse(line) as Line);
    return { exitCode, out, err, lines };
  }

  it('prints the facts, for people and for programs', async () => {
    const shown = await canopus('facts');
    expect(shown.exitCode).toBe(0);
    expect(shown.out).toContain('Raspberry Pi 4 Model B');
    expect(shown.out).toContain('printer.cfg');
    const { lines } = await canopus('facts', '--json');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      type: 'report',
      system: { user: 'pi', sudo: 'free' },
      network: { stack: 'networkd' },
    });
  });

  it('shows the plan as diffs and changes nothing', async () => {
    const { out, exitCode } = await canopus('plan', '--uuid', uuid);
    expect(exitCode).toBe(0);
    expect(out).toContain('+BitRate=1000000');
    expect(out).toContain(`+canbus_uuid: ${uuid}`);
    expect(out).toContain('systemctl enable --now systemd-networkd.service');
    expect(out).toContain('Undo restores every file; around that it runs: systemctl disable --now');
    expect(await pi.commands()).toEqual([]);
    expect(await pi.read('/etc/systemd/network/25-can.network')).toBeNull();
  });

  it('asks before it applies, and says so without a terminal', async () => {
    const { exitCode, lines } = await canopus('apply', '--uuid', uuid, '--json');
    expect(exitCode).toBe(2);
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'usage/invalid', state: 'pi-untouched' });
    expect(await pi.commands()).toEqual([]);
  });

  it('applies with --yes, a line for each step, then a report', async () => {
    const { exitCode, lines } = await canopus('apply', '--uuid', uuid, '--yes', '--json');
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatchObject({ type: 'pi-journal' });
    const steps = lines.filter((line) => line.type === 'pi-step');
    expect(steps.filter((line) => line.outcome === 'started').length).toBe(steps.length / 2);
    expect(lines.at(-1)).toMatchObject({ type: 'report', stepsDone: steps.length / 2 });
    expect(await pi.read('/etc/systemd/network/25-can.network')).toContain('BitRate=1000000');
    const again = await canopus('apply', '--uuid', uuid, '--yes');
    expect(again.out).toContain('Nothing to do.');
  });

  it('refuses while the printer prints, before it changes anything', async () => {
    pi.moonraker.state = { ...pi.moonraker.state, print: 'printing' };
    const { exitCode, lines } = await canopus('apply', '--uuid', '44db3d634885', '--yes', '--json');
    pi.moonraker.state = { ...pi.moonraker.state, print: 'standby' };
    expect(exitCode).toBe(3);
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'pi/printing', state: 'pi-untouched' });
    expect(lines.at(-1)?.next).not.toBe('');
  });

  it('prints the checks of the doctor', async () => {
    const { exitCode, lines } = await canopus('doctor', '--json');
    expect(exitCode).toBe(0);
    const checks = lines[0]?.checks ?? [];
    expect(checks.map(({ id }) => id)).toEqual([
      'storage',
      'clock',
      'driver',
      'bridge',
      'interface',
      'settings',
      'stack',
      'rivals',
      'hat',
      'errors',
      'identity',
      'uuids',
      'config',
      'query',
      'versions',
      'klipper',
    ]);
    expect(checks.every(({ answer, why }) => answer !== '' && why !== '')).toBe(true);
  });

  it('does not take back what was edited since, and shows the difference', async () => {
    const path = '/etc/systemd/network/25-can.network';
    const applied = (await pi.read(path)) ?? '';
    await pi.write(path, `${applied}# mine\n`);
    const { exitCode, out, err } = await canopus('undo', '--yes');
    expect(exitCode).toBe(3);
    expect(out).toContain('\n+# mine\n');
    expect(err).toContain('pi/edited-since');
    expect(await pi.read(path)).toBe(`${applied}# mine\n`);
    await pi.write(path, applied);
  });

  it('takes it back', async () => {
    const { exitCode, lines } = await canopus('undo', '--yes', '--json');
    expect(exitCode).toBe(0);
    expect(lines.at(-1)).toMatchObject({ type: 'report' });
    expect(await pi.read('/etc/systemd/network/25-can.network')).toBeNull();
    expect((await canopus('undo', '--yes', '--json')).lines.at(-1)).toMatchObject({ code: 'pi/no-journal' });
  });

  it.each([
    [['plan', '--uuid', 'beb0175188a'], 'usage/invalid'],
    [['plan', '--uuid', uuid, '--mcu', 'a]b'], 'usage/invalid'],
    [['plan', '--pin', '430014000A50534E4E313120'], 'usage/invalid'],
    [['plan', '--interface', 'can0; reboot'], 'usage/invalid'],
  ])('refuses %j', async (words, code) => {
    const { exitCode, lines } = await canopus(...words, '--json');
    expect(exitCode).toBe(2);
    expect(lines.at(-1)).toMatchObject({ code });
  });

  it('forgets the key of a Pi that was set up again', async () => {
    await canopus('facts');
    const target = `127.0.0.1:${pi.server.port}`;
    const { exitCode, out } = await canopus('forget-key', target);
    expect(exitCode).toBe(0);
    expect(out).toContain(`Forgot the ssh-ed25519 key ${await pi.server.hostKeyFingerprint()}.`);
    const again = await canopus('forget-key', target, '--json');
    expect(again.exitCode).toBe(0);
    expect(again.lines.at(-1)).toMatchObject({ type: 'report', forgotten: [] });
  });
});
