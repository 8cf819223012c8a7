import { afterEach, describe, expect, it } from 'vitest';
import type { CanopusError } from '../../../app/errors.ts';
import { PiSession } from '../../../app/pi/pi-session.ts';
import { defaultWishes, type PiWishes } from '../../../app/pi/plan-types.ts';
import type { ProofEvent, ProofName, ProveOptions } from '../../../app/pi/proof.ts';
import { parseCanbusQuery } from '../../../app/pi/prove-nodes.ts';
import { VirtualPiHost } from '../../../main/sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../../main/sim/pi/virtual-pi.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import type { CanAdapter } from '../../../main/sim/pi/can-links.ts';
import { configPath } from '../../../main/sim/pi/pi-flavours.ts';
import { adapter, canbusUuid } from '../sim/pi/virtual-pi-fixture.ts';

const toolhead = '0d1445047cdd';

let opened: VirtualPi | null = null;
afterEach(() => {
  opened?.dispose();
  opened = null;
});

/** A Pi that was set up, with a bridge that goes and comes back when Klipper resets it. */
async function open(changes: Partial<CanAdapter> = {}) {
  const clock = new VirtualClock();
  const pi = new VirtualPi({ clock, flavour: 'networkd', klipperVersion: 'v0.13.0' });
  opened = pi;
  const bridge = adapter({
    nodes: [toolhead],
    reset: () => {
      pi.unplug('1-1');
      void clock.sleep(700).then(() => pi.plug(bridge));
    },
    ...changes,
  });
  pi.plug(bridge);
  const session = new PiSession(new VirtualPiHost(pi), { clock, now: () => new Date(0), random: () => 0.5 });
  const consent = { askPassword: () => Promise.resolve(null), confirmedIdle: false };
  const wishes: PiWishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid }] };
  for await (const event of session.apply(await session.plan(wishes), consent)) expect(event).toBeDefined();

  async function prove(options: Partial<ProveOptions> = {}) {
    const seen: ProofEvent[] = [];
    let error: CanopusError | null = null;
    try {
      const run = session.prove({ goal: wishes, reset: 'auto', timeoutMs: 5_000, ...consent, ...options });
      for await (const event of run) if (event.outcome !== 'started') seen.push(event);
    } catch (thrown) {
      error = thrown as CanopusError;
    }
    const said = (proof: ProofName) => seen.find((each) => each.proof === proof);
    return { said, error, outcomes: seen.map(({ proof, outcome }) => `${proof} ${outcome}`) };
  }
  return { pi, bridge, wishes, prove };
}

describe('proving that a Pi works', () => {
  it('says what was seen, with the figures', async () => {
    const { prove } = await open();
    const { said, error } = await prove();
    expect(error).toBeNull();
    expect(said('interface')?.seen).toContain('can0 is up, 1000000 bit/s, queue length 128');
    expect(said('return')?.seen).toMatch(/^Klipper reset the bridge; can0 is up, .* again after \d/);
    expect(said('klipper')?.seen).toBe('Klipper v0.13.0 is ready');
    expect(said('nodes')?.seen).toBe(`Klipper talks to [mcu] ${canbusUuid} (v0.13.0)`);
  });

  it('names an interface that is missing, down, or up with other settings, and tries the others still', async () => {
    const { prove, pi, bridge } = await open();
    pi.links.setUp('can0', false);
    const down = await prove({ reset: 'none' });
    expect(down.error).toMatchObject({ code: 'pi/interface-down', state: 'pi-applied' });
    expect(down.outcomes).toHaveLength(4);
    pi.unplug('1-1');
    expect((await prove({ reset: 'none' })).error).toMatchObject({ code: 'pi/interface-missing' });
    pi.plug(bridge);
    const goal = { ...defaultWishes, txQueueLength: 1024 };
    const wrong = await prove({ reset: 'none', goal });
    expect(wrong.error).toMatchObject({ code: 'pi/interface-wrong' });
    expect(wrong.error?.message).toContain('queue length 128, not with 1000000 bit/s and 1024');
  });

  it('says how far it came where the interface does not return', async () => {
    const silent = await open({ reset: () => undefined });
    const stayed = await silent.prove();
    expect(stayed.error).toMatchObject({ code: 'pi/did-not-return' });
    expect(stayed.error?.message).toContain('it did not disappear');
    opened?.dispose();
    const gone = await open({ reset: () => opened?.unplug('1-1') });
    const lost = await gone.prove();
    expect(lost.error).toMatchObject({ code: 'pi/did-not-return' });
    expect(lost.error?.message).toContain('there is no can0');
  });

  it('finds an interface that comes back down, as one does that was only brought up by hand', async () => {
    const { prove, pi } = await open();
    for (const path of pi.tree.paths) if (path.endsWith('.network')) pi.tree.remove(path);
    pi.systemd.systemctl(['restart', 'systemd-networkd.service']);
    pi.links.setBitrate('can0', 1_000_000);
    pi.links.setUp('can0', true);
    const { error, outcomes } = await prove();
    expect(outcomes).toContain('interface proven');
    expect(outcomes).toContain('return failed');
    expect(error?.message).toContain('can0 on pi@virtual-pi exists but is down');
  });

  it.each(['auto', 'klipper', 'usb'] as const)(
    'resets nothing while the printer prints: %s',
    async (reset) => {
      const { prove, pi } = await open();
      pi.klipper.setPrinting(true);
      const before = pi.klipper.moonraker.requests.length;
      const { said, error } = await prove({ reset });
      expect(error).toBeNull();
      expect(said('return')).toMatchObject({
        outcome: 'skipped',
        seen: 'the printer is printing, so the bridge is not reset',
      });
      expect(pi.klipper.moonraker.requests.slice(before).join()).not.toContain('restart');
      expect(pi.klipper.moonraker.state.print).toBe('printing');
    },
  );

  it('takes the USB device away where that is asked for', async () => {
    const { prove } = await open();
    const { said } = await prove({ reset: 'usb' });
    expect(said('return')).toMatchObject({ outcome: 'proven' });
    expect(said('return')?.seen).toContain('the USB device 1-1 was removed and restored');
  });

  it("shows Klipper's own error message", async () => {
    const { prove, pi } = await open();
    const { state } = pi.klipper.moonraker;
    pi.klipper.moonraker.state = { ...state, klippy: 'error', message: "Option 'x' is not valid" };
    const { error } = await prove({ reset: 'none' });
    expect(error).toMatchObject({ code: 'pi/klipper-error' });
    expect(error?.message).toContain("Option 'x' is not valid");
  });

  it('names a board that Klipper does not talk to', async () => {
    const { prove, wishes } = await open();
    const boards = [...wishes.boards, { section: 'mcu EBBCan', canbusUuid: toolhead }];
    const { error } = await prove({ reset: 'none', goal: { ...wishes, boards } });
    expect(error).toMatchObject({ code: 'pi/node-missing' });
    expect(error?.message).toContain(`${toolhead} ([mcu EBBCan]) is not on the bus`);
  });

  it('names the boards on the bus while Klipper runs, also where none was asked for', async () => {
    const { prove, wishes } = await open();
    const { said, error } = await prove({ reset: 'none', goal: { ...wishes, boards: [] } });
    expect(error).toBeNull();
    expect(said('nodes')).toMatchObject({
      outcome: 'proven',
      seen: `Klipper talks to [mcu] ${canbusUuid} (v0.13.0)`,
    });
  });

  it('names a board of printer.cfg besides those that were asked for', async () => {
    const { prove, pi } = await open();
    pi.tree.write(
      configPath,
      `${pi.tree.text(configPath) ?? ''}\n[mcu EBBCan]\ncanbus_uuid: ${toolhead}\n[mcu lost]\ncanbus_uuid: 333333333333\n`,
    );
    const { said } = await prove({ reset: 'none' });
    expect(said('nodes')?.seen).toBe(
      `Klipper talks to [mcu] ${canbusUuid} (v0.13.0); Klipper does not talk to [mcu EBBCan] ${toolhead}, [mcu lost] 333333333333`,
    );
  });

  it('calls the interface by its name while it waits for a person', async () => {
    const { prove } = await open();
    const goal = { ...defaultWishes, interfaceName: 'can1' };
    const { said } = await prove({ reset: 'none', goal });
    expect(said('interface')).toMatchObject({
      outcome: 'failed',
      seen: expect.stringContaining('can1') as string,
    });
  });

  it('queries the bus where Klipper does not run, and only there', async () => {
    const { prove, pi } = await open();
    pi.klipper.stop();
    pi.systemd.systemctl(['stop', 'klipper.service']);
    const { said } = await prove({ reset: 'none' });
    expect(said('nodes')?.seen).toMatch(/the bus replied with .*6beb0175188a|has no python-can/);
  });

  it('can be cancelled while it waits', async () => {
    const { prove, pi } = await open();
    pi.unplug('1-1');
    const abort = new AbortController();
    const proving = prove({ signal: abort.signal });
    abort.abort();
    expect((await proving).error).toMatchObject({ code: 'cancelled' });
  });
});

describe('what canbus_query.py prints', () => {
  it('is read with cut zeros, and everything else is passed over', () => {
    const output = `Found canbus_uuid=6beb0175188a, Application: Klipper
Found canbus_uuid=d1445047cdd, Application: Katapult
Total 2 uuids found
`;
    expect(parseCanbusQuery(output)).toEqual([
      { canbusUuid: '6beb0175188a', application: 'Klipper' },
      { canbusUuid: '0d1445047cdd', application: 'Katapult' },
    ]);
    expect(parseCanbusQuery('Traceback (most recent call last):')).toEqual([]);
  });
});
