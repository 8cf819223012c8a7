import { afterEach, describe, expect, it } from 'vitest';
import { PiSession } from '../../../../app/pi/pi-session.ts';
import { defaultWishes, type PiWishes } from '../../../../app/pi/plan-types.ts';
import type { ProofEvent } from '../../../../app/pi/proof.ts';
import type { CanAdapter } from '../../../../main/sim/pi/can-links.ts';
import { configPathOf } from '../../../../main/sim/pi/pi-flavours.ts';
import { VirtualPiHost } from '../../../../main/sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../../../main/sim/pi/virtual-pi.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';
import { adapter, canbusUuid } from './virtual-pi-fixture.ts';

const names = ['printer_1', 'printer_2'] as const;
/** A toolhead behind the bridge, which is the only board of the second printer. */
const node = '0e1a2b3c4d5e';

let pi: VirtualPi | null = null;
afterEach(() => pi?.dispose());

/** A Pi whose second printer runs on can0, while the first one was not set up yet. */
function open() {
  const clock = new VirtualClock();
  const made = new VirtualPi({ clock, flavour: 'networkd', klipperVersion: 'v0.13.0', printers: names });
  pi = made;
  made.tree.write(configPathOf('printer_2'), `[mcu]\ncanbus_uuid: ${node}\n`);
  // A reset takes the bridge away from the bus for a moment.
  const bridge: CanAdapter = adapter({
    nodes: [node],
    reset: () => {
      made.unplug(bridge.busPort);
      void clock.sleep(500).then(() => made.plug(bridge));
    },
  });
  made.plug(bridge);
  made.links.setBitrate('can0', 500_000);
  made.links.setUp('can0', true);
  made.klippers.get('printer_2')?.stop();
  made.klippers.get('printer_2')?.start();
  const session = new PiSession(new VirtualPiHost(made), {
    clock,
    now: () => new Date(0),
    random: () => 0.5,
  });
  const consent = { askPassword: () => Promise.resolve(null), confirmedIdle: false };
  const wishes: PiWishes = {
    ...defaultWishes,
    printer: 'printer_1',
    boards: [{ section: 'mcu', canbusUuid }],
  };
  return { pi: made, session, consent, wishes };
}

const klippy = (made: VirtualPi) =>
  [...made.klippers.values()].map(({ moonraker }) => moonraker.state.klippy);
const restarts = (made: VirtualPi) =>
  [...made.klippers.values()].map(
    ({ moonraker }) => moonraker.requests.filter((each) => each.startsWith('POST ')).length,
  );

describe('a virtual Pi with two printers', () => {
  it('has one set up, restarts the other because its bus went down, and both are ready', async () => {
    const { pi, session, consent, wishes } = open();
    expect(klippy(pi)).toEqual(['startup', 'ready']);
    const untouched = pi.tree.text(configPathOf('printer_2'));
    const plan = await session.plan(wishes);
    expect(plan.blockers).toEqual([]);
    for await (const event of session.apply(plan, consent)) expect(event).toBeDefined();
    expect(pi.tree.text(configPathOf('printer_1'))).toContain(canbusUuid);
    expect(pi.tree.text(configPathOf('printer_2'))).toBe(untouched);
    expect(restarts(pi)).toEqual([1, 1]);
    await expect.poll(() => klippy(pi)).toEqual(['ready', 'ready']);
  });

  it('is proven for the printer of the plan; the reset of the bridge leaves the other one ready, too', async () => {
    const { pi, session, consent, wishes } = open();
    const plan = await session.plan(wishes);
    for await (const event of session.apply(plan, consent)) expect(event).toBeDefined();
    await expect.poll(() => klippy(pi)).toEqual(['ready', 'ready']);
    const proofs: ProofEvent[] = [];
    for await (const event of session.prove({ ...consent, goal: plan.goal, reset: 'auto' })) {
      if (event.outcome !== 'started') proofs.push(event);
    }
    expect(proofs.map(({ outcome }) => outcome)).toEqual(['proven', 'proven', 'proven', 'proven']);
    expect(proofs[2]?.seen).toContain('Klipper of printer_1');
    expect(restarts(pi)).toEqual([2, 2]);
    await expect.poll(() => klippy(pi)).toEqual(['ready', 'ready']);
  });

  it('has no bridge reset while the other printer prints, and its state is told by name', async () => {
    const { pi, session, consent, wishes } = open();
    pi.klippers.get('printer_2')?.setPrinting(true);
    const plan = await session.plan(wishes);
    expect(plan.blockers).toMatchObject([{ code: 'pi/printing', text: 'printer_2 is printing' }]);
    const goal = { ...plan.goal, bitrateBps: 500_000, txQueueLength: 10, boards: [], printer: 'printer_2' };
    const seen: ProofEvent[] = [];
    for await (const event of session.prove({ ...consent, goal, reset: 'auto' })) seen.push(event);
    expect(seen.find(({ proof, outcome }) => proof === 'return' && outcome !== 'started')).toMatchObject({
      outcome: 'skipped',
      seen: 'printer_2 is printing, so the bridge is not reset',
    });
    expect(restarts(pi)).toEqual([0, 0]);
    const { answer, verdict } = (await session.doctor({ ...wishes, printer: null, boards: [] })).find(
      ({ id }) => id === 'klipper',
    )!;
    expect(answer).toMatch(/^printer_1: No, "startup".* printer_2: Yes\.$/);
    expect(verdict).toBe('wrong');
    const chosen = await session.doctor({ ...wishes, printer: 'printer_2', boards: [] });
    expect(chosen.find(({ id }) => id === 'klipper')).toMatchObject({ verdict: 'fine', answer: 'Yes.' });
    await expect(session.doctor({ ...wishes, printer: 'voron' })).rejects.toMatchObject({
      code: 'pi/printer-unknown',
    });
  });

  it('undoes a change after a reboot and restarts the printer that it belongs to', async () => {
    const { pi, session, consent, wishes } = open();
    const before = pi.tree.text(configPathOf('printer_1'));
    for await (const event of session.apply(await session.plan(wishes), consent)) expect(event).toBeDefined();
    pi.reboot();
    await expect.poll(() => klippy(pi)).toEqual(['ready', 'ready']);
    for (const { moonraker } of pi.klippers.values()) moonraker.requests.length = 0;
    for await (const event of session.undo(null, false, consent)) expect(event).toBeDefined();
    expect(pi.tree.text(configPathOf('printer_1'))).toBe(before);
    // The other one was on the bus that the change took down, and undo takes it down again.
    expect(restarts(pi)).toEqual([1, 1]);
  });
});
