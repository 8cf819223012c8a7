import { afterEach, describe, expect, it } from 'vitest';
import { PiSession } from '../../../../app/pi/pi-session.ts';
import { defaultWishes, type PiWishes } from '../../../../app/pi/plan-types.ts';
import type { ProofEvent } from '../../../../app/pi/proof.ts';
import { plugBridges } from '../../../../main/sim/pi/bench-adapters.ts';
import { piFlavours, type PiFlavour } from '../../../../main/sim/pi/pi-flavours.ts';
import { VirtualPiHost } from '../../../../main/sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../../../main/sim/pi/virtual-pi.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../../main/sim/virtual-bench.ts';
import { adapter } from './virtual-pi-fixture.ts';

const mcu = 'stm32f446xx';
let opened: { bench: VirtualBench; pi: VirtualPi } | null = null;
afterEach(async () => {
  opened?.pi.dispose();
  await opened?.bench[Symbol.asyncDispose]();
  opened = null;
});

/** A board that runs as a bridge, and a Pi that is not set up. */
async function open(flavour: PiFlavour) {
  const clock = new VirtualClock();
  const flash = [
    { address: 0x08000000, bytes: makeKatapultImage({ mcu }) },
    { address: 0x08008000, bytes: makeKlipperImage({ mcu }) },
  ];
  const board = { id: 'a', mcu, uid: '430014000A50534E4E313120', port: '1-1', flash } as const;
  const bench = new VirtualBench({ boards: [board] }, { clock });
  const pi = new VirtualPi({ clock, flavour, klipperVersion: 'v0.13.0' });
  plugBridges(bench, pi);
  opened = { bench, pi };
  await new Promise<void>((resolve) => {
    const stop = pi.links.listen(() => {
      stop();
      resolve();
    });
  });
  const session = new PiSession(new VirtualPiHost(pi), { clock, now: () => new Date(0), random: () => 0.5 });
  const wishes: PiWishes = {
    ...defaultWishes,
    boards: [{ section: 'mcu', canbusUuid: bench.board('a').canbusUuid }],
  };
  const consent = { askPassword: () => Promise.resolve(null), confirmedIdle: false };
  return {
    pi,
    bench,
    session,
    wishes,
    consent,
    link: () => {
      const link = pi.links.get('can0');
      return link && { up: link.up, bitrateBps: link.bitrateBps, txQueueLength: link.txQueueLength };
    },
    apply: async (changes: Partial<PiWishes> = {}) => {
      const plan = await session.plan({ ...wishes, ...changes });
      for await (const event of session.apply(plan, consent)) expect(event).toBeDefined();
      return plan;
    },
    prove: async (goal = wishes): Promise<ProofEvent[]> => {
      const seen: ProofEvent[] = [];
      for await (const event of session.prove({ goal, reset: 'auto', ...consent })) seen.push(event);
      return seen.filter(({ outcome }) => outcome !== 'started');
    },
  };
}

const untouched = { up: false, bitrateBps: null, txQueueLength: 10 };
const wished = { up: true, bitrateBps: 1_000_000, txQueueLength: 128 };

describe.each(piFlavours)('a virtual Pi with %s', (flavour) => {
  it('has a can0 exactly while the bridge is plugged in, as the kernel makes it', async () => {
    const { bench, link, pi } = await open(flavour);
    expect(link()).toEqual(untouched);
    expect(pi.links.get('can0')?.adapter.softwareVersion).toBe('v0.13.0-730-gcafe00000');
    bench.board('a').unplug();
    expect(link()).toBeNull();
  });

  it('comes up as the applied plan says, again after a reset of the bridge, and after a reboot', async () => {
    const { session, apply, prove, pi, link, wishes } = await open(flavour);
    await apply();
    expect(link()).toEqual(wished);
    expect((await session.plan(wishes)).steps).toEqual([]);
    expect((await prove()).map(({ proof, outcome }) => `${proof} ${outcome}`)).toEqual([
      'interface proven',
      'return proven',
      'klipper proven',
      'nodes proven',
    ]);
    pi.reboot();
    expect(link()).toEqual(wished);
  });

  it('takes new figures from the files, and the old ones after an undo and a reboot', async () => {
    const { session, apply, link, pi, consent } = await open(flavour);
    const files = (): Map<string, string | null> =>
      new Map(
        pi.tree.paths
          .filter((path) => !path.includes('/.local/state/'))
          .map((path) => [path, pi.tree.text(path)]),
      );
    const before = files();
    await apply({ bitrateBps: 500_000, txQueueLength: 1024 });
    expect(link()).toEqual({ up: true, bitrateBps: 500_000, txQueueLength: 1024 });
    for await (const event of session.undo(null, false, consent)) expect(event).toBeDefined();
    expect(files()).toEqual(before);
    pi.reboot();
    expect(link()).toEqual(untouched);
  });

  it('does not come up again if the files were broken after the plan was applied', async () => {
    const { apply, link, pi, bench } = await open(flavour);
    await apply();
    for (const path of pi.tree.paths) {
      if (!/interfaces\.d\/can0|\.network$|\.service$/.test(path)) continue;
      pi.tree.write(path, (pi.tree.text(path) ?? '').replace(/bit_?rate.*/i, ''));
    }
    pi.reboot();
    expect(link()?.up).toBe(false);
    bench.board('a').unplug();
    expect(link()).toBeNull();
  });
});

describe('a virtual Pi', () => {
  it('names a pinned board as the .link file says from the next plug-in on', async () => {
    const { apply, pi, wishes } = await open('networkd');
    const serial = '430014000A50534E4E313120';
    await apply({ interfaceName: 'bridge0', pinToUsbSerial: serial, boards: [] });
    expect(pi.links.get('bridge0')).toBeNull();
    pi.reboot();
    expect(pi.links.get('bridge0')).toMatchObject({ up: true, bitrateBps: wishes.bitrateBps });
  });

  it('gives a second adapter the next name', async () => {
    const { pi } = await open('networkd');
    pi.plug(adapter({ busPort: '1-2' }));
    expect(pi.links.all.map(({ name }) => name)).toEqual(['can0', 'can1']);
  });

  it('does not let Klipper be ready with a bridge that went away, and names it', async () => {
    const { apply, prove, pi, bench } = await open('networkd');
    await apply();
    await prove();
    expect(pi.klipper.moonraker.state.klippy).toBe('ready');
    bench.board('a').unplug();
    expect(pi.klipper.moonraker.state).toMatchObject({ klippy: 'shutdown' });
    expect(pi.klipper.moonraker.state.message).toContain('can0 is not up');
  });

  it('proves nothing where the board has another UUID than the configuration', async () => {
    const { apply, session, consent, wishes } = await open('networkd');
    const boards = [{ section: 'mcu', canbusUuid: '0123456789ab' }];
    await apply({ boards });
    const run = session.prove({ goal: { ...wishes, boards }, reset: 'none', ...consent, timeoutMs: 5_000 });
    const seen: ProofEvent[] = [];
    await expect(
      (async () => {
        for await (const event of run) seen.push(event);
      })(),
    ).rejects.toMatchObject({ code: 'pi/klipper-error', state: 'pi-applied' });
    expect(seen.filter(({ outcome }) => outcome === 'failed').map(({ proof }) => proof)).toContain('klipper');
  });

  it('refuses while it prints', async () => {
    const { apply, pi, session, wishes } = await open('networkd');
    await apply();
    pi.klipper.setPrinting(true);
    const plan = await session.plan({ ...wishes, txQueueLength: 256 });
    expect(plan.blockers.map(({ code }) => code)).toEqual(['pi/printing']);
  });
});
