import { afterEach, describe, expect, it } from 'vitest';
import { applyPlan, type ChangeEvent, type ChangeRun } from '../../../app/pi/apply.ts';
import { journalId, parseJournal } from '../../../app/pi/journal.ts';
import type { PiHost } from '../../../app/pi/pi-host.ts';
import { makePlan } from '../../../app/pi/plan.ts';
import { defaultWishes, type PiPlan, type PiWishes } from '../../../app/pi/plan-types.ts';
import { undoPlan } from '../../../app/pi/undo.ts';
import { startLoopbackPi, type LoopbackPi, type LoopbackPiOptions } from './loopback-pi.ts';

const boards = [{ section: 'mcu', canbusUuid: '6beb0175188a' }];
const wishes: PiWishes = { ...defaultWishes, boards };
const change = {
  askPassword: () => Promise.resolve(null),
  confirmedIdle: false,
  force: false,
  now: new Date('2026-11-21T01:30:05Z'),
  id: journalId(new Date('2026-11-21T01:30:05Z'), 0.5),
};

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

async function planFor(host: PiHost, changes: Partial<PiWishes> = {}): Promise<PiPlan> {
  const facts = await host.look();
  return makePlan(facts, await host.printer(facts), { ...wishes, ...changes });
}

async function all(run: ChangeRun): Promise<ChangeEvent[]> {
  const events: ChangeEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

describe('a Pi with ifupdown', () => {
  it('gets can0 and its board, and everything back as it was', async () => {
    const { pi, host } = await open({ flavour: 'ifupdown' });
    const before = await pi.read('/home/pi/printer_data/config/printer.cfg');
    const plan = await planFor(host);
    expect(plan.blockers).toEqual([]);
    await all(applyPlan(host, plan, change));
    expect(await pi.read('/etc/network/interfaces.d/can0')).toBe(
      'allow-hotplug can0\niface can0 can static\n    bitrate 1000000\n    up ip link set $IFACE txqueuelen 128\n',
    );
    expect(await pi.read('/home/pi/printer_data/config/printer.cfg')).toContain('\n#serial: /dev');
    expect(await pi.read('/home/pi/printer_data/config/printer.cfg')).toContain(
      '\ncanbus_uuid: 6beb0175188a\n',
    );
    expect(pi.moonraker.requests).toContain('POST /printer/firmware_restart');

    const again = await planFor(host);
    expect(again.steps).toEqual([]);

    const { journals } = await host.look();
    expect(journals.map(({ state }) => state)).toEqual(['applied']);
    const journal = parseJournal(journals[0]!.text);
    await all(undoPlan(host, journal, change));
    expect(await pi.read('/etc/network/interfaces.d/can0')).toBeNull();
    expect(await pi.read('/home/pi/printer_data/config/printer.cfg')).toBe(before);
    expect((await host.look()).journals.map(({ state }) => state)).toEqual(['undone']);
  });
});
