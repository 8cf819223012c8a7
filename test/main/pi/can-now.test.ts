import { afterEach, describe, expect, it } from 'vitest';
import type { CanAction } from '../../../app/pi/can-now.ts';
import { PiSession } from '../../../app/pi/pi-session.ts';
import { VirtualPiHost } from '../../../main/sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../../main/sim/pi/virtual-pi.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import type { RecordedBoard } from '../../../app/pi/recorded-board.ts';
import { adapter, canbusUuid } from '../sim/pi/virtual-pi-fixture.ts';

let opened: VirtualPi | null = null;
afterEach(() => {
  opened?.dispose();
  opened = null;
});

const record: RecordedBoard = {
  ...{ canbusUuid, presetId: 'btt-octopus', variantId: 'f446', version: null, bitrateBps: 500_000 },
};

/** A Pi that nothing is set up on, with a bridge, which a station may have on record. */
function open(recorded: RecordedBoard | null = null) {
  const clock = new VirtualClock();
  const pi = new VirtualPi({ clock, flavour: 'networkd', klipperVersion: 'v0.13.0' });
  opened = pi;
  pi.plug(adapter());
  const session = new PiSession(new VirtualPiHost(pi), { clock, now: () => new Date(0), random: () => 0.5 });
  const now = () => {
    const link = pi.links.get('can0');
    return link === null ? null : [link.up, link.bitrateBps, link.txQueueLength];
  };
  const set = (action: CanAction, bitrateBps: number | null = null, confirmedIdle = false) =>
    session.setCan({
      ...{ interfaceName: 'can0', action, bitrateBps, usualBitrateBps: 1_000_000, txQueueLength: 128 },
      ...{
        confirmedIdle,
        askPassword: () => Promise.resolve(null),
        findRecord: (uuid: string) => Promise.resolve(uuid === canbusUuid ? recorded : null),
      },
    });
  return { pi, now, set };
}

describe('can0, brought up now', () => {
  it('is up with the rate and queue, and changes no file that configures it', async () => {
    const { pi, now, set } = open();
    const files = pi.tree.paths.filter((path) => path.startsWith('/etc/'));
    const { before, after } = await set('up');
    expect(before).toMatchObject({ up: false, txQueueLength: 10 });
    expect(after).toMatchObject({ up: true, bitrateBps: 1_000_000, txQueueLength: 128 });
    expect(now()).toEqual([true, 1_000_000, 128]);
    expect(pi.tree.paths.filter((path) => path.startsWith('/etc/'))).toEqual(files);
  });

  it('goes back to what it was before the first change, however many came after', async () => {
    const { pi, now, set } = open();
    pi.links.setBitrate('can0', 250_000);
    pi.links.setUp('can0', true);
    await set('up', 500_000);
    expect(now()).toEqual([true, 500_000, 128]);
    await set('down');
    expect(now()).toEqual([false, 500_000, 128]);
    await set('back');
    expect(now()).toEqual([true, 250_000, 10]);
    await expect(set('back')).rejects.toMatchObject({ code: 'pi/nothing-to-restore', state: 'pi-untouched' });
  });

  it('has nothing to go back to once it was plugged in again', async () => {
    const { pi, set } = open();
    await set('up');
    pi.unplug('1-1');
    pi.plug(adapter());
    await expect(set('back')).rejects.toMatchObject({ code: 'pi/nothing-to-restore' });
  });

  it('needs nothing where it is so already', async () => {
    const { set } = open();
    await set('up');
    expect((await set('up')).notes).toEqual(['can0 is so already.']);
  });

  it('is refused while a printer prints, for every action, and says that nothing was changed', async () => {
    const { pi, now, set } = open();
    pi.klipper.moonraker.state = { ...pi.klipper.moonraker.state, klippy: 'ready', print: 'printing' };
    const before = now();
    for (const action of ['up', 'down'] as const) {
      await expect(set(action)).rejects.toMatchObject({ code: 'pi/printing', state: 'pi-untouched' });
    }
    expect(now()).toEqual(before);
  });

  it('cannot give a bridge another rate than it was built with', async () => {
    const { set, now } = open();
    const { notes } = await set('up', 500_000);
    expect(notes.join()).toMatch(/the rate that the bridge was built with.*build and flash it anew/);
    expect(now()?.[1]).toBe(500_000);
  });

  it('takes the rate that the record has of a bridge, and refuses another one with what to build', async () => {
    const { set, now } = open(record);
    const { after, rebuild, notes } = await set('up');
    expect([after.bitrateBps, rebuild, notes]).toEqual([500_000, null, []]);
    await expect(set('up', 250_000)).rejects.toMatchObject({
      code: 'pi/rate-compiled-in',
      state: 'pi-untouched',
      details: { compiled: 500_000, wished: 250_000, canbusUuid, preset: 'btt-octopus:f446' },
    });
    expect(now()?.[1]).toBe(500_000);
  });

  it('names what to build where nothing shows the rate of the bridge', async () => {
    const { set } = open();
    expect((await set('up', 500_000)).rebuild).toEqual({
      ...{ what: 'the bridge can0', canbusUuid, bitrateBps: 500_000, presetId: null, variantId: null },
    });
  });

  it('is missed by name', async () => {
    const { pi, set } = open();
    pi.unplug('1-1');
    await expect(set('up')).rejects.toMatchObject({ code: 'pi/interface-missing', state: 'pi-untouched' });
  });
});
