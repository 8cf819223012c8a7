import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContractClient } from '../../../../app/contract/client.ts';
import { itemsOf } from '../../../../app/contract/live-table.ts';
import { memoryLinkPair } from '../../../../app/contract/memory-link.ts';
import { serveContract } from '../../../../app/contract/server.ts';
import { stationContract, type StationClient } from '../../../../app/contract/station-contract.ts';
import { defaultWishes } from '../../../../app/pi/plan-types.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { openStation } from '../../../../main/station.ts';
import { dataFolders } from '../../../../main/station/data-folders.ts';
import { openSharedStation } from '../../../../main/station/open-shared-station.ts';
import { stationHandlers } from '../../../../main/station/station-handlers.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { canopus, type CommandResult } from './command-line.ts';

const bridgeUuid = '6beb0175188a';
const [ebb, ebb2] = ['44db3d634885', 'e7caf8297cd8'];
const oldVersion = 'v0.12.0-1-gcafe00001';
const hostVersion = 'v0.0.0-0-gvirtual';

let base: string;
let client: StationClient;
let opened: AsyncDisposable[];

/** A station with a virtual Pi, into which a bridge with two toolheads is plugged; all three run an old Klipper. */
beforeEach(async () => {
  opened = [];
  base = await mkdtemp(join(tmpdir(), 'canopus-printer-'));
  await writeFile(join(base, 'katapult.bin'), makeKatapultImage());
  await writeFile(join(base, 'bridge.bin'), makeKlipperImage({ version: oldVersion }));
  const sim = join(base, 'bench.json');
  const bridge = { id: 'bridge', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-4' };
  const flash = [
    { address: '0x08000000', file: 'katapult.bin' },
    { address: '0x08008000', file: 'bridge.bin' },
  ];
  // bxCAN: it comes back from bus-off, into which replies that collide bring nodes that are not reset (docs/can.md).
  const toolhead = { application: 'klipper', mcu: 'stm32f072xb' };
  const canNodes = [ebb, ebb2].map((uuid) => ({ ...toolhead, uuid }));
  await writeFile(sim, JSON.stringify({ timeScale: 0, boards: [{ ...bridge, flash, canNodes }] }));
  const shared = await openSharedStation({
    openStation: () => openStation({ sim }),
    ...{ folders: dataFolders(join(base, 'data')), log: () => 'log', host: 'headless', sim, waitMs: 0 },
  });
  opened.push(shared);
  const features = { name: 'headless', events: none, chooseFolder: null, show: null, updates: null } as const;
  const serve = (link: Parameters<Parameters<typeof shared.share>[0]>[0]) =>
    serveContract(stationContract, stationHandlers(shared.services, features), link, {
      clock: systemClock,
      onInternalError: () => 'log',
    });
  await shared.share(serve);
  const [near, far] = memoryLinkPair();
  serve(far);
  client = new ContractClient(stationContract, {
    clock: systemClock,
    connect: () => Promise.resolve(near),
  });
  await setUpPi();
});
afterEach(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
  await rm(base, { recursive: true, force: true });
});

async function* none(): AsyncGenerator<never> {
  // A host without a menu.
}

/** Trusts the virtual Pi, brings can0 up there and names the three MCUs in printer.cfg. */
async function setUpPi(): Promise<void> {
  const stop = new AbortController();
  const trusting = (async () => {
    for await (const event of client.stream('pi.questions', null, { signal: stop.signal }))
      for (const { id } of itemsOf(event)) await client.call('pi.answer', { id, answer: { kind: 'trust' } });
  })().catch(() => undefined);
  await followed((until) => client.stream('boards.watch', null, until));
  const boards = [
    { section: 'mcu', canbusUuid: bridgeUuid },
    { section: 'mcu EBB', canbusUuid: ebb },
    { section: 'mcu EBB2', canbusUuid: ebb2 },
  ];
  const { planId } = await client.call('pi.plan', { id: 'virtual', wishes: { ...defaultWishes, boards } });
  const { jobId } = await client.call('pi.apply', { id: 'virtual', planId, confirmedIdle: false });
  for await (const { event } of client.stream('jobs.watch', { jobId }))
    if (event.type === 'ended') expect(event.error).toBeNull();
  stop.abort();
  await trusting;
}

async function followed(start: (until: { signal: AbortSignal }) => AsyncGenerator): Promise<void> {
  const stop = new AbortController();
  await start({ signal: stop.signal }).next();
  stop.abort();
}

const printer = (command: string, ...args: string[]): Promise<CommandResult> =>
  canopus('printer', command, '--printer', 'virtual', ...args, '--data', join(base, 'data'), '--json');

const boards = [
  ...['--board', 'mcu=btt-octopus:f446'],
  ...['--board', 'EBB=btt-ebb-1.0:f072', '--board', 'EBB2=btt-ebb-1.0:f072'],
];

async function versions(): Promise<Record<string, string | null | undefined>> {
  const { mcus } = await client.call('printer.survey', { id: 'virtual', printer: null });
  return Object.fromEntries(mcus.map(({ name, firmware }) => [name, firmware?.version]));
}

describe('canopus printer', () => {
  it('update: from three outdated MCUs to proven ones by one command, nodes first, the bridge last', async () => {
    expect(Object.values(await versions())).not.toContain(hostVersion);
    const { exitCode, events } = await printer('update', '--yes', ...boards);
    expect(events.at(-1)).toMatchObject({ type: 'report', written: 3, state: 'updated' });
    expect(exitCode).toBe(0);
    const steps = events.flatMap((each) =>
      each['type'] === 'pi-step' && each['outcome'] === 'done' ? [each['what']] : [],
    );
    expect(steps).toEqual(
      ['[mcu EBB]', '[mcu EBB2]', '[mcu]'].map(
        (name) => expect.stringMatching(new RegExp(`^\\${name}: `)) as string,
      ),
    );
    const proofs = events.filter(({ type, outcome }) => type === 'pi-proof' && outcome === 'proven');
    expect(proofs.map(({ proof }) => proof)).toEqual(['interface', 'klipper', 'nodes']);
    expect(await versions()).toEqual({ mcu: hostVersion, 'mcu EBB': hostVersion, 'mcu EBB2': hostVersion });
    expect((await printer('update', '--yes')).events.at(-1)).toMatchObject({ written: 0 });
    expect((await printer('prove')).exitCode).toBe(0);
  });

  it('update: is refused while the hot end heats, and nothing is written', async () => {
    const before = await versions();
    await client.call('sim.pi', { action: 'heat' });
    const { events, exitCode } = await printer('update', '--yes', ...boards);
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'printer/hot', state: 'pi-untouched' });
    expect(exitCode).toBe(3);
    expect(await versions()).toEqual(before);
    await client.call('sim.pi', { action: 'stop-heating' });
    const { blockers } = await client.call('printer.plan', { id: 'virtual', printer: null });
    expect(blockers).toEqual([]);
  });

  it('rollback: names what has no way back, and writes the former images of the others, proven', async () => {
    for (const name of ['mcu', 'mcu EBB'] as const) await flashOld(name);
    const plan = await client.call('printer.plan', { id: 'virtual', printer: null, boards: named });
    expect(plan.oneWay).toEqual(['mcu EBB2']);
    expect((await printer('update', '--yes', ...boards)).events.at(-1)).toMatchObject({ written: 3 });
    const last = await client.call('printer.last', { id: 'virtual', printer: null });
    expect(last).toMatchObject({ state: 'updated', oneWay: ['mcu EBB2'] });
    const { events } = await printer('rollback', '--yes');
    expect(events.at(-1)).toMatchObject({ type: 'report', written: 2, state: 'back' });
    expect(await versions()).toEqual({ mcu: oldVersion, 'mcu EBB': oldVersion, 'mcu EBB2': hostVersion });
  });

  it('update --resume: goes on after the network of the Pi was cut in the middle', async () => {
    const { planId } = await client.call('printer.plan', { id: 'virtual', printer: null, boards: named });
    const { jobId } = await client.call('printer.update', { id: 'virtual', planId });
    let error: unknown = null;
    for await (const { event } of client.stream('jobs.watch', { jobId })) {
      if (event.type === 'ended') error = event.error;
      else if (event.type === 'pi-step' && event.outcome === 'started' && event.index === 1)
        await client.call('sim.pi', { action: 'cut-network' });
    }
    expect(error).toMatchObject({ code: 'shell/lost' });
    await client.call('sim.pi', { action: 'mend-network' });
    expect((await printer('update', '--yes', ...boards)).events.at(-1)).toMatchObject({
      code: 'printer/unfinished',
    });
    const { events } = await printer('update', '--resume');
    expect(events.at(-1)).toMatchObject({ type: 'report', state: 'updated' });
    expect(new Set(Object.values(await versions()))).toEqual(new Set([hostVersion]));
  });
});

const named = [
  { name: 'mcu', presetId: 'btt-octopus', variantId: 'f446' },
  ...['mcu EBB', 'mcu EBB2'].map((name) => ({ name, presetId: 'btt-ebb-1.0', variantId: 'f072' })),
];

const old = {
  mcu: { place: 'usb:1-4', image: { version: oldVersion } },
  'mcu EBB': {
    place: `can:1-4/${ebb}`,
    image: { mcu: 'stm32f072xb', role: 'node', version: oldVersion, pins: ['PB8', 'PB9'] },
  },
} as const;

/** The station writes the old Klipper itself, so that it keeps the image and its record. */
async function flashOld(name: keyof typeof old): Promise<void> {
  const { place, image } = old[name];
  const base64 = Buffer.from(makeKlipperImage({ ...image, seed: 2 })).toString('base64');
  const { record } = await client.call('images.import', { name: 'klipper.bin', base64 });
  const { presetId = '', variantId = '' } = named.find((each) => each.name === name) ?? {};
  const { jobId } = await client.call('flash.start', {
    ...{ place, board: { presetId, variantId }, confirmReadUnprotect: false },
    images: { bootloader: null, application: record.key },
  });
  for await (const { event } of client.stream('jobs.watch', { jobId }))
    if (event.type === 'ended') expect(event.error).toBeNull();
}
