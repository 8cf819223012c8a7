import { afterEach, describe, expect, it } from 'vitest';
import { applyPlan, resumePlan } from '../../../app/pi/apply.ts';
import { parseJournal } from '../../../app/pi/journal.ts';
import { undoPlan } from '../../../app/pi/undo.ts';
import type { MoonrakerState } from '../../../main/sim/pi/moonraker-stand-in.ts';
import type { ShellPiHost } from '../../../main/pi/shell-pi-host.ts';
import { boards, consent, follow, planFor, snapshot } from './change-fixture.ts';
import { canLink, startLoopbackPi, type LoopbackPi, type LoopbackPiOptions } from './loopback-pi.ts';

/** The printer that the tests set up, and the one beside it. */
const [own, other] = ['printer', 'printer_2'];
const ownCfg = '/home/pi/printer_data/config/printer.cfg';
const otherCfg = '/home/pi/printer_2_data/config/printer.cfg';
const onBus = '[mcu]\ncanbus_uuid: 44db3d634885\n';

let pi: LoopbackPi | null = null;
let host: ShellPiHost | null = null;
afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  await pi?.[Symbol.asyncDispose]();
  pi = host = null;
});

async function open(
  state: Partial<MoonrakerState> | null = {},
  options: Partial<LoopbackPiOptions> = {},
): Promise<{ pi: LoopbackPi; host: ShellPiHost }> {
  pi = await startLoopbackPi({
    flavour: 'networkd',
    links: [canLink({ bitrate: 500_000 })],
    others: { [other]: { moonraker: state, config: onBus } },
    ...options,
  });
  host = await pi.connect();
  return { pi, host };
}

const print = (pi: LoopbackPi, name: string, state: MoonrakerState['print'] = 'printing'): void => {
  const moonraker = pi.moonrakers.get(name)!;
  moonraker.state = { ...moonraker.state, print: state };
};

/** The changing requests that each Moonraker got. */
const restarts = (pi: LoopbackPi): Record<string, number> =>
  Object.fromEntries(
    [...pi.moonrakers].map(([name, { requests }]) => [
      name,
      requests.filter((each) => each.startsWith('POST ')).length,
    ]),
  );

async function journal(host: ShellPiHost) {
  return parseJournal((await host.look()).journals.at(-1)!.text);
}

const boardsOf = (printer: string) => ({ printer, boards });

describe('two printers on one Pi', () => {
  it('are both asked what they do', async () => {
    const { pi, host } = await open();
    print(pi, other);
    const seen = await host.printers(await host.look());
    expect(
      seen.map(({ name, answer }) => [name, answer.kind === 'status' && answer.status.activity]),
    ).toEqual([
      [own, 'idle'],
      [other, 'printing'],
    ]);
    for (const { requests } of pi.moonrakers.values()) expect(requests).toContain('GET /printer/info');
  });

  it.each([
    [own, boardsOf(own)],
    [other, boardsOf(other)],
    ['neither, only the network', { boards: [] }],
  ])('refuse a change while the other one prints: of %s', async (_, wishes) => {
    for (const busy of [own, other]) {
      const { pi, host } = await open();
      const plan = await planFor(host, wishes);
      expect(plan.blockers).toEqual([]);
      expect(plan.steps.length).toBeGreaterThan(2);
      print(pi, busy);
      const before = await snapshot(pi.root);
      const blocked = await planFor(host, wishes);
      expect(blocked.blockers).toMatchObject([{ code: 'pi/printing', text: `${busy} is printing` }]);
      const { error } = await follow(applyPlan(host, plan, consent()));
      expect(error).toMatchObject({ code: 'pi/printing', state: 'pi-untouched' });
      expect(await snapshot(pi.root)).toEqual(before);
      expect(await pi.commands()).toEqual([]);
      expect(restarts(pi)).toEqual({ [own]: 0, [other]: 0 });
      await host[Symbol.asyncDispose]();
      await pi[Symbol.asyncDispose]();
    }
  });

  it('want a choice for a board, and name what there is to choose from', async () => {
    const { host } = await open();
    const [blocker] = (await planFor(host)).blockers;
    expect(blocker).toMatchObject({ code: 'pi/several-printers' });
    expect(blocker!.text).toContain('printer, running, with');
    expect(blocker!.text).toContain('printer_2, running, with');
    expect((await planFor(host, { printer: 'voron' })).blockers).toMatchObject([
      { code: 'pi/printer-unknown' },
    ]);
    const contradicts = { printer: own, configPath: pi!.at(otherCfg) };
    expect((await planFor(host, contradicts)).blockers).toMatchObject([{ code: 'pi/printer-unknown' }]);
  });

  it.each([
    [own, ownCfg, otherCfg],
    [other, otherCfg, ownCfg],
  ])(
    'have the configuration of %s changed and its own Klipper restarted, and back',
    async (name, cfg, not) => {
      // Nothing else of the Pi changes, so that the other one keeps its bus.
      const files = {
        '/etc/udev/rules.d/10-can.rules': queueRule,
        '/etc/systemd/network/25-can.network': network,
      };
      const { pi, host } = await open({}, { files, links: [canLink({})] });
      const before = await snapshot(pi.root);
      const untouched = await pi.read(not);
      const plan = await planFor(host, boardsOf(name));
      expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
      expect(await pi.read(cfg)).toContain('canbus_uuid: 6beb0175188a');
      expect(await pi.read(not)).toBe(untouched);
      expect(restarts(pi)).toEqual({ [own]: 0, [other]: 0, [name]: 1 });
      expect(await journal(host)).toMatchObject({
        printer: { name, configPath: pi.at(cfg) },
        goal: { printer: name },
      });

      // Days later, from another station.
      const later = await pi.connect();
      const undone = await follow(undoPlan(later, await journal(later), consent()));
      expect(undone.error).toBeNull();
      expect(undone.events.at(-1)).toMatchObject({ what: `restart Klipper of ${name} through Moonraker` });
      expect(restarts(pi)).toEqual({ [own]: 0, [other]: 0, [name]: 2 });
      expect(await snapshot(pi.root)).toEqual(before);
      await later[Symbol.asyncDispose]();
    },
  );

  it('are restarted both where the bus of both goes down, and none that is not on it', async () => {
    const { pi, host } = await open();
    const plan = await planFor(host, boardsOf(own));
    expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
    expect(await pi.commands()).toContain('ip link set can0 down');
    expect(restarts(pi)).toEqual({ [own]: 1, [other]: 1 });
    // The first one was not on the bus before, but the change puts it there.
    expect((await follow(undoPlan(host, await journal(host), consent()))).error).toBeNull();
    expect(restarts(pi)).toEqual({ [own]: 2, [other]: 2 });
    const network = await planFor(host, { boards: [] });
    expect(network.steps.filter(({ kind }) => kind === 'klipper')).toMatchObject([
      { printer: { name: other }, via: 'moonraker' },
    ]);
  });

  it.each([own, other])('refuse to undo and to resume while %s prints', async (busy) => {
    const { pi, host } = await open();
    const plan = await planFor(host, boardsOf(own));
    const { error } = await follow(applyPlan(host, plan, consent()), (event) => {
      if (event.type === 'pi-step' && event.index === 0 && event.outcome === 'done') print(pi, busy);
    });
    // A print that begins meanwhile stops it before can0 goes down.
    expect(error).toMatchObject({ code: 'pi/printing', state: 'pi-partial' });
    expect(await pi.commands()).toEqual([]);
    const between = await snapshot(pi.root);
    const open_ = await journal(host);
    for (const run of [resumePlan(host, open_, consent()), undoPlan(host, open_, consent())]) {
      expect((await follow(run)).error).toMatchObject({ code: 'pi/printing' });
    }
    expect(await snapshot(pi.root)).toEqual(between);
    expect(await pi.commands()).toEqual([]);
    expect(restarts(pi)).toEqual({ [own]: 0, [other]: 0 });
    print(pi, busy, 'standby');
    expect((await follow(resumePlan(host, open_, consent()))).error).toBeNull();
    expect(restarts(pi)[own]).toBe(1);
  });

  it('need the name of the one that cannot be asked, and no other confirms it', async () => {
    const { pi, host } = await open(null);
    const plan = await planFor(host, boardsOf(own));
    expect(plan.blockers).toMatchObject([{ code: 'pi/print-state-unknown', printers: [other] }]);
    expect(plan.blockers[0]!.text).toContain('printer_2');
    for (const confirmedIdle of [false, true, [own]]) {
      const { error } = await follow(applyPlan(host, plan, { ...consent(), confirmedIdle }));
      expect(error).toMatchObject({ code: 'pi/print-state-unknown', state: 'pi-untouched' });
    }
    expect(await pi.commands()).toEqual([]);
    const confirmedIdle = [other];
    expect((await planFor(host, { ...boardsOf(own), confirmedIdle })).blockers).toEqual([]);
    expect((await follow(applyPlan(host, plan, { ...consent(), confirmedIdle }))).error).toBeNull();
    expect(restarts(pi)).toEqual({ [own]: 1, [other]: 0 });
  });

  it('are restarted by their own unit where their Moonraker does not reply', async () => {
    const { pi, host } = await open(null);
    const confirmedIdle = [other];
    const plan = await planFor(host, { ...boardsOf(other), confirmedIdle });
    expect((await follow(applyPlan(host, plan, { ...consent(), confirmedIdle }))).error).toBeNull();
    expect((await pi.commands()).at(-1)).toBe('systemctl restart klipper-2.service');
    expect(restarts(pi)[own]).toBe(0);
  });

  it('may have one that was stopped for flashing, which is set up and not restarted', async () => {
    const { pi, host } = await open(
      {},
      {
        others: { [other]: { klipperRuns: false, moonraker: { klippy: 'disconnected' } } },
      },
    );
    const plan = await planFor(host, boardsOf(other));
    expect(plan.blockers).toEqual([]);
    expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
    expect(await pi.read(otherCfg)).toContain('canbus_uuid: 6beb0175188a');
    expect(restarts(pi)).toEqual({ [own]: 0, [other]: 0 });
  });

  it('have a journal of an earlier version undone through the unit that it names', async () => {
    const { pi, host } = await open();
    const plan = await planFor(host, boardsOf(other));
    expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
    const folder = `/home/pi/.local/state/canopus/plans/${(await journal(host)).id}`;
    const text = (await pi.read(`${folder}/journal.json`))!;
    const earlier = JSON.parse(text, (key, value: unknown) =>
      key === 'printer' ? undefined : value,
    ) as unknown;
    await pi.write(`${folder}/journal.json`, JSON.stringify(earlier));
    const before = restarts(pi);
    expect((await follow(undoPlan(host, await journal(host), consent()))).error).toBeNull();
    expect(restarts(pi)).toEqual({ ...before, [other]: before[other]! + 1 });
    expect(await pi.read(otherCfg)).toBe(onBus);
  });
});

const queueRule = 'SUBSYSTEM=="net", ACTION=="change|add", KERNEL=="can*", ATTR{tx_queue_len}="128"\n';
const network = '[Match]\nName=can*\n\n[CAN]\nBitRate=1000000\n\n[Link]\nRequiredForOnline=no\n';
