import { afterEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../app/pi/apply.ts';
import { parseJournal } from '../../../app/pi/journal.ts';
import type { PiHost } from '../../../app/pi/pi-host.ts';
import { undoPlan } from '../../../app/pi/undo.ts';
import { consent, follow, planFor, snapshot } from './change-fixture.ts';
import { canLink, startLoopbackPi, type LoopbackPi, type LoopbackPiOptions } from './loopback-pi.ts';

let pi: LoopbackPi | null = null;
let host: PiHost | null = null;
afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  await pi?.[Symbol.asyncDispose]();
  pi = host = null;
});

async function open(options: LoopbackPiOptions): Promise<{ pi: LoopbackPi; host: PiHost }> {
  pi = await startLoopbackPi(options);
  host = await pi.connect();
  return { pi, host };
}

async function undoLast(each: PiHost, force = false) {
  const { journals } = await each.look();
  const journal = parseJournal(journals.at(-1)!.text);
  return follow(undoPlan(each, journal, { ...consent(), force }));
}

const printerCfg = '/home/pi/printer_data/config/printer.cfg';

describe('applying and undoing on a folder behind a real SSH server', () => {
  it('sets an ifupdown system up, finds nothing left to do, and restores every file', async () => {
    const { pi, host } = await open({ flavour: 'ifupdown', links: [canLink({ up: false, queue: 10 })] });
    const before = await snapshot(pi.root);
    const plan = await planFor(host);
    expect(plan.blockers).toEqual([]);
    expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
    expect(await pi.read('/etc/network/interfaces.d/can0')).toBe(
      'allow-hotplug can0\niface can0 can static\n    bitrate 1000000\n    up ip link set $IFACE txqueuelen 128\n',
    );
    expect(await pi.read(printerCfg)).toContain('\n#serial: /dev');
    expect(await pi.read(printerCfg)).toContain('\ncanbus_uuid: 6beb0175188a\n');
    expect(pi.moonraker.requests).toContain('POST /printer/firmware_restart');
    expect(await pi.commands()).toEqual([
      'ip link set can0 down',
      'ifdown --force can0',
      'systemctl restart ifup@can0.service',
    ]);

    await pi.setLinks([canLink({})]);
    expect((await planFor(host)).steps).toEqual([]);

    expect((await undoLast(host)).error).toBeNull();
    expect(await snapshot(pi.root)).toEqual(before);
    expect((await host.look()).journals.map(({ state }) => state)).toEqual(['undone']);
  });

  it('asks and waits no oftener than the guarantees need', async () => {
    const { pi, host } = await open({ flavour: 'networkd', links: [canLink({ bitrate: 500_000 })] });
    const plan = await planFor(host);
    // All facts, and what the printer does.
    expect(pi.exchanges.count).toBe(2);
    expect(plan.steps.map(({ kind }) => kind).filter((kind) => kind === 'klipper')).toHaveLength(1);
    const before = pi.exchanges.count;
    expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
    // The same again, the journal, each step, and the journal's end; the printers are asked once more before the first
    // command after the files and before Klipper is restarted.
    expect(pi.exchanges.count - before).toBe(2 + 1 + plan.steps.length + 1 + 2);
  });

  it('sets systemd-networkd up beside NetworkManager, and switches it off again', async () => {
    const { pi, host } = await open({ flavour: 'networkmanager' });
    const before = await snapshot(pi.root);
    expect((await follow(applyPlan(host, await planFor(host), consent()))).error).toBeNull();
    expect(await pi.commands()).toEqual([
      'systemctl enable --now systemd-networkd.service',
      'systemctl disable --now systemd-networkd-wait-online.service',
      'udevadm control --reload',
    ]);
    expect((await undoLast(host)).error).toBeNull();
    expect((await pi.commands()).slice(3)).toEqual([
      'systemctl disable --now systemd-networkd.service',
      'udevadm control --reload',
    ]);
    expect(await snapshot(pi.root)).toEqual(before);
  });

  it('keeps mode, line ends and the auto-saved block of printer.cfg', async () => {
    const text =
      '[mcu]\r\nserial: /dev/x\r\n\r\n#*# <---------------------- SAVE_CONFIG ---------------------->\r\n#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.\r\n#*#\r\n#*# [extruder]\r\n#*# control = pid\r\n';
    const { pi, host } = await open({ flavour: 'ifupdown', files: { [printerCfg]: text } });
    const { chmod, stat } = await import('node:fs/promises');
    await chmod(pi.at(printerCfg), 0o640);
    expect((await follow(applyPlan(host, await planFor(host), consent()))).error).toBeNull();
    const after = text.replace('serial: /dev/x\r\n', '#serial: /dev/x\r\ncanbus_uuid: 6beb0175188a\r\n');
    expect(await pi.read(printerCfg)).toBe(after);
    expect((await stat(pi.at(printerCfg))).mode & 0o777).toBe(0o640);
  });

  it('keeps the backup of a file in a git work tree beside the journal, and undo finds it there', async () => {
    const { pi, host } = await open({
      flavour: 'ifupdown',
      files: {
        [printerCfg]: '[include RatOS/o.cfg]\n',
        '/home/pi/printer_data/config/RatOS/.git/HEAD': '',
        '/home/pi/printer_data/config/RatOS/o.cfg': '[mcu]\nserial: x\n',
      },
    });
    const before = await snapshot(pi.root);
    expect((await follow(applyPlan(host, await planFor(host), consent()))).error).toBeNull();
    const { readdir } = await import('node:fs/promises');
    expect(await readdir(pi.at('/home/pi/printer_data/config/RatOS'))).toEqual(['.git', 'o.cfg']);
    expect(await pi.read('/home/pi/printer_data/config/RatOS/o.cfg')).toContain('canbus_uuid');
    expect((await undoLast(host)).error).toBeNull();
    expect(await snapshot(pi.root)).toEqual(before);
  });

  it('changes the file behind a link, and leaves the link', async () => {
    const { pi, host } = await open({
      flavour: 'ifupdown',
      files: { '/home/pi/dotfiles/printer.cfg': '[mcu]\nserial: x\n' },
    });
    const { lstat, rm, symlink } = await import('node:fs/promises');
    await rm(pi.at(printerCfg));
    await symlink(pi.at('/home/pi/dotfiles/printer.cfg'), pi.at(printerCfg));
    expect((await follow(applyPlan(host, await planFor(host), consent()))).error).toBeNull();
    expect((await lstat(pi.at(printerCfg))).isSymbolicLink()).toBe(true);
    expect(await pi.read('/home/pi/dotfiles/printer.cfg')).toBe(
      '[mcu]\n#serial: x\ncanbus_uuid: 6beb0175188a\n',
    );
  });

  it('asks for the sudo password if one is needed, and never shows it', async () => {
    const { pi, host } = await open({ flavour: 'ifupdown', sudoPassword: 'correct horse' });
    const answers = ['wrong', 'correct horse'];
    const options = { ...consent(), askPassword: () => Promise.resolve(answers.shift() ?? null) };
    const { error, events } = await follow(applyPlan(host, await planFor(host), options));
    expect(error).toBeNull();
    expect(JSON.stringify(events)).not.toContain('horse');
    const { journals } = await host.look();
    expect(journals[0]!.text).not.toContain('horse');
    expect(await pi.read('/etc/network/interfaces.d/can0')).toContain('bitrate');
  });
});

describe('refusals that leave everything unchanged', () => {
  async function refused(
    options: LoopbackPiOptions,
    between: (pi: LoopbackPi) => Promise<void> | void,
    changes: Partial<ReturnType<typeof consent>> = {},
  ) {
    const { pi, host } = await open(options);
    const plan = await planFor(host);
    const before = await snapshot(pi.root);
    await between(pi);
    const edited = await snapshot(pi.root);
    const { error } = await follow(applyPlan(host, plan, { ...consent(), ...changes }));
    expect(await snapshot(pi.root)).toEqual(edited);
    expect(await pi.commands()).toEqual([]);
    expect((await host.look()).journals).toEqual([]);
    return { error, before, edited };
  }

  it('a file that changed between plan and apply', async () => {
    const { error } = await refused({ flavour: 'ifupdown' }, (pi) =>
      pi.write(printerCfg, '[mcu]\nserial: other\n'),
    );
    expect(error).toMatchObject({ code: 'pi/changed-since-plan', state: 'pi-untouched' });
  });

  it('a file that appeared between plan and apply', async () => {
    const { error } = await refused({ flavour: 'ifupdown' }, (pi) =>
      pi.write('/etc/network/interfaces.d/can0', 'iface can0 can static\n'),
    );
    expect(error).toMatchObject({ code: 'pi/changed-since-plan' });
  });

  it.each(['printing', 'paused'] as const)('a print that is %s by now', async (print) => {
    const { error } = await refused({ flavour: 'ifupdown' }, (pi) => {
      pi.moonraker.state = { ...pi.moonraker.state, print };
    });
    expect(error).toMatchObject({ code: 'pi/printing', state: 'pi-untouched' });
  });

  it('a printer that moves without a print', async () => {
    const { error } = await refused({ flavour: 'ifupdown' }, (pi) => {
      pi.moonraker.state = { ...pi.moonraker.state, idle: 'Printing' };
    });
    expect(error).toMatchObject({ code: 'pi/printing' });
  });

  it('an unknown print state', async () => {
    const { error } = await refused({ flavour: 'ifupdown', moonraker: null }, () => undefined);
    expect(error).toMatchObject({ code: 'pi/print-state-unknown' });
  });

  it('a Moonraker that wants a key, and none is given', async () => {
    const { error } = await refused({ flavour: 'ifupdown', moonraker: { apiKey: 'abc' } }, () => undefined);
    expect(error).toMatchObject({ code: 'pi/print-state-unknown' });
  });

  it('a user without sudo', async () => {
    const { error } = await refused({ flavour: 'ifupdown', hasSudo: false }, () => undefined);
    expect(error).toMatchObject({ code: 'pi/sudo-missing', state: 'pi-untouched' });
  });

  it('sudo that needs a password, without one', async () => {
    const { error } = await refused({ flavour: 'ifupdown', sudoPassword: 'x' }, () => undefined);
    expect(error).toMatchObject({ code: 'pi/sudo-password-needed', state: 'pi-untouched' });
  });

  it('a wrong sudo password, three times', async () => {
    const { error } = await refused({ flavour: 'ifupdown', sudoPassword: 'x' }, () => undefined, {
      askPassword: () => Promise.resolve('y'),
    });
    expect(error).toMatchObject({ code: 'pi/sudo-refused', state: 'pi-untouched' });
  });

  it('is asked nothing more once a person has confirmed that the printer is idle', async () => {
    const { pi, host } = await open({ flavour: 'ifupdown', moonraker: null });
    const plan = await planFor(host, { confirmedIdle: true });
    const options = { ...consent(), confirmedIdle: true };
    expect((await follow(applyPlan(host, plan, options))).error).toBeNull();
    expect(await pi.commands()).toEqual(['systemctl restart klipper.service']);
  });
});

describe('failures half-way', () => {
  it('stops at a command that fails, keeps the journal open, and goes back on demand', async () => {
    const { pi, host } = await open({ flavour: 'networkmanager' });
    const before = await snapshot(pi.root);
    await pi.write('/state/fails-udevadm', '');
    const { error, events } = await follow(applyPlan(host, await planFor(host), consent()));
    expect(error).toMatchObject({ code: 'pi/command-failed', state: 'pi-partial' });
    expect(events.at(-1)).toMatchObject({ what: 'run udevadm control --reload', outcome: 'started' });
    expect((await host.look()).journals.map(({ state }) => state)).toEqual(['open']);
    // Nothing else may be begun meanwhile.
    const second = await planFor(host, { txQueueLength: 1024 });
    expect(second.blockers.map(({ code }) => code)).toEqual(['pi/unfinished']);
    expect((await follow(applyPlan(host, second, consent()))).error).toMatchObject({ code: 'pi/unfinished' });
    expect((await undoLast(host)).error).toBeNull();
    expect(await snapshot(pi.root)).toEqual(before);
  });

  it('does not restart Klipper where a print was started during the change', async () => {
    const { pi, host } = await open({ flavour: 'ifupdown' });
    const { error } = await follow(applyPlan(host, await planFor(host), consent()), (event) => {
      if (event.type === 'pi-journal') pi.moonraker.state = { ...pi.moonraker.state, print: 'printing' };
    });
    expect(error).toMatchObject({ code: 'pi/printing', state: 'pi-partial' });
    expect(pi.moonraker.requests).not.toContain('POST /printer/firmware_restart');
  });

  it('stops between two steps when cancelled', async () => {
    const { pi, host } = await open({ flavour: 'networkmanager' });
    const before = await snapshot(pi.root);
    const abort = new AbortController();
    const { error, events } = await follow(
      applyPlan(host, await planFor(host), { ...consent(), signal: abort.signal }),
      (event) => {
        if (event.type === 'pi-step' && event.index === 1) abort.abort();
      },
    );
    expect(error).toMatchObject({ code: 'cancelled', state: 'pi-partial' });
    // The step that was under way is finished.
    expect(events.at(-1)).toMatchObject({ index: 1, outcome: 'done' });
    expect((await undoLast(host)).error).toBeNull();
    expect(await snapshot(pi.root)).toEqual(before);
  });

  it('refuses to undo over a later edit, shows it, and does it with force', async () => {
    const { pi, host } = await open({ flavour: 'ifupdown' });
    const original = await pi.read(printerCfg);
    expect((await follow(applyPlan(host, await planFor(host), consent()))).error).toBeNull();
    const applied = (await pi.read(printerCfg)) ?? '';
    await pi.write(printerCfg, `${applied}\n[respond]\n`);
    const before = await snapshot(pi.root);
    const { error } = await undoLast(host);
    expect(error).toMatchObject({ code: 'pi/edited-since', state: 'pi-untouched' });
    expect((error as { details: { diff: string } }).details.diff).toContain('+[respond]');
    expect(await snapshot(pi.root)).toEqual(before);
    expect((await undoLast(host, true)).error).toBeNull();
    expect(await pi.read(printerCfg)).toBe(original);
  });
});
