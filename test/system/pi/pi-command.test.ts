import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLoopbackPi, type LoopbackPi } from './loopback-pi.ts';
import { runPiCommand } from './run-pi-command.ts';

const uuid = '6beb0175188a';

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

  const canopus = (...words: string[]) => runPiCommand(pi, words);
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

  it('sets can0 now with the commands of ip alone, and back; never while the printer prints', async () => {
    const data = { bittiming: { bitrate: 1_000_000 }, state: 'ERROR-ACTIVE' };
    const link = { ifname: 'can0', ifindex: 5, link_type: 'can', flags: ['UP'], txqlen: 128 };
    await pi.setLinks([{ ...link, linkinfo: { info_data: data } }]);
    pi.moonraker.state = { ...pi.moonraker.state, print: 'printing' };
    const refused = await canopus('can', 'down', '--json');
    pi.moonraker.state = { ...pi.moonraker.state, print: 'standby' };
    expect(refused.lines.at(-1)).toMatchObject({ code: 'pi/printing', state: 'pi-untouched' });
    const { exitCode, out } = await canopus('can', 'up', '--txqueuelen', '77');
    expect(exitCode).toBe(0);
    expect(out).toContain('"canopus pi can back"');
    expect(await canopus('can', 'back')).toMatchObject({ exitCode: 0 });
    expect((await canopus('can', 'back', '--json')).lines.at(-1)).toMatchObject({
      code: 'pi/nothing-to-restore',
    });
    const other = await canopus('can', 'up', '--interface', 'can9', '--json');
    expect(other.lines.at(-1)).toMatchObject({ code: 'pi/interface-missing' });
    await pi.setLinks([]);
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
      'rates',
      'nodes',
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

describe('canopus pi with two printers', () => {
  let folder: string;
  const before = { ...process.env };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canopus-cli-'));
    process.env['HOME'] = folder;
    process.env['XDG_DATA_HOME'] = join(folder, 'data');
    delete process.env['SSH_AUTH_SOCK'];
  });
  afterAll(async () => {
    process.env = before;
    process.exitCode = undefined;
    await rm(folder, { recursive: true });
  });

  it('names them, wants one named, and keeps away from the other', async () => {
    await using pi = await startLoopbackPi({ flavour: 'networkd', others: { printer_2: {} } });
    const { out } = await runPiCommand(pi, ['facts']);
    expect(out).toMatch(/^printer +printer, running, klipper\.service, Moonraker on port \d+$/m);
    expect(out).toMatch(/^printer +printer_2, running, klipper-2\.service, Moonraker on port \d+$/m);

    const unnamed = await runPiCommand(pi, ['apply', '--uuid', uuid, '--yes', '--json']);
    expect(unnamed.exitCode).toBe(3);
    expect(unnamed.lines.at(-1)).toMatchObject({ code: 'pi/several-printers', state: 'pi-untouched' });
    expect(unnamed.lines.at(-1)?.next).toContain('--printer');
    const wrong = await runPiCommand(pi, ['apply', '--uuid', uuid, '--printer', 'x', '--yes', '--json']);
    expect(wrong.lines.at(-1)).toMatchObject({ code: 'pi/printer-unknown', state: 'pi-untouched' });
    const unknown = await runPiCommand(pi, ['doctor', '--printer', 'x', '--json']);
    expect(unknown.lines.at(-1)).toMatchObject({ code: 'pi/printer-unknown' });

    const order = ['apply', '--uuid', uuid, '--printer', 'printer_2', '--yes', '--json'];
    const first = pi.moonrakers.get('printer')!;
    first.state = { ...first.state, print: 'printing' };
    const busy = await runPiCommand(pi, order);
    expect(busy.lines.at(-1)).toMatchObject({ code: 'pi/printing', state: 'pi-untouched' });
    expect(await pi.commands()).toEqual([]);
    first.state = { ...first.state, print: 'standby' };
    expect((await runPiCommand(pi, order)).exitCode).toBe(0);
    const undone = await runPiCommand(pi, ['undo', '--yes']);
    expect(undone.out).toContain(', of printer_2: ');
    expect(undone.out).toContain('restart Klipper of printer_2 through Moonraker');
    const posts = [...pi.moonrakers].map(([name, { requests }]) => [
      name,
      requests.filter((each) => each.startsWith('POST ')).length,
    ]);
    expect(Object.fromEntries(posts)).toEqual({ printer: 0, printer_2: 2 });
  });

  it('takes the word of a person for the one that is named, and for no other', async () => {
    await using pi = await startLoopbackPi({
      flavour: 'networkd',
      others: { printer_2: { moonraker: null } },
    });
    const order = ['apply', '--uuid', uuid, '--printer', 'printer', '--yes', '--json'];
    for (const words of [[], ['--idle'], ['--idle', 'printer']]) {
      const { lines } = await runPiCommand(pi, [...order, ...words]);
      expect(lines.at(-1)).toMatchObject({ code: 'pi/print-state-unknown', state: 'pi-untouched' });
      expect(lines.at(-1)?.next).toContain('--idle');
    }
    expect((await runPiCommand(pi, [...order, '--idle', 'printer_2'])).exitCode).toBe(0);
  });
});
