import * as z from 'zod/mini';
import { CanopusError, type PiState } from '../errors.ts';
import { sameUuid } from '../printer-config/set-canbus.ts';
import type { Plain } from '../plain.ts';
import { leave, refusePrinting, runCommand } from './apply.ts';
import { adaptersOf } from './boards-seen.ts';
import { bridgeOn, type BridgeRate, type ConnectedBoards } from './bus-boards.ts';
import { canInterfaceSchema, type CanInterface } from './can-interface.ts';
import type { PiFacts } from './facts.ts';
import type { PiHost } from './pi-host.ts';
import type { ConfirmedIdle } from './printer-ref.ts';
import {
  rebuildDetails,
  rebuildOf,
  rebuildSchema,
  recordsOf,
  type FindRecord,
  type Rebuild,
} from './recorded-board.ts';

/** `back` restores what was before the first of the others. */
export const canActions = ['up', 'down', 'back'] as const;
export type CanAction = (typeof canActions)[number];

export const canNowReportSchema = z.object({
  before: canInterfaceSchema,
  after: canInterfaceSchema,
  /** What a person has to know of it. */
  notes: z.array(z.string()),
  /** The bridge, to build it for the rate that was asked for; null if it has that one, or is no bridge. */
  rebuild: z.nullable(rebuildSchema),
});

type CanNowReport = Plain<z.infer<typeof canNowReportSchema>>;

interface CanNowOrder {
  readonly interfaceName: string;
  readonly action: CanAction;
  /** For `up`; null for the one that a bridge was built with, or else that it has, or else `usualBitrateBps`. */
  readonly bitrateBps: number | null;
  readonly usualBitrateBps: number;
  readonly txQueueLength: number;
  readonly confirmedIdle: ConfirmedIdle;
  readonly findRecord: FindRecord;
  readonly askPassword: (attempt: number) => Promise<string | null>;
  readonly signal?: AbortSignal | undefined;
}

/** The state of an interface before it was first changed by hand, in the user's home; it ends with a boot or re-plug. */
const recordSchema = z.object({
  bootId: z.nullable(z.string()),
  index: z.int(),
  up: z.boolean(),
  bitrateBps: z.nullable(z.number()),
  txQueueLength: z.number(),
});

type CanRecord = Plain<z.infer<typeof recordSchema>>;

const recordPath = ({ home }: PiFacts, name: string): string =>
  `${home}/.local/state/canopus/can/${name}.json`;

/**
 * Brings a CAN interface up or down now, this once: no file that configures it is changed, so a boot, a re-plug or its
 * network stack undo it. Refused while any printer prints. Throws `pi/*`, `shell/*`, `cancelled`.
 */
export async function setCanNow(host: PiHost, order: CanNowOrder): Promise<CanNowReport> {
  const { interfaceName, action, signal } = order;
  const facts = await host.look(signal);
  let state: PiState = 'pi-untouched';
  try {
    const before = interfaceIn(facts, interfaceName, host.label);
    const notes: string[] = [];
    const kept = await keptRecord(host, facts, before);
    const rates = action === 'up' ? await ratesOf(host, facts, order, before) : noRates;
    if (rates.note !== null) notes.push(rates.note);
    const target = targetOf(order, before, kept, rates.compiled);
    await refusePrinting(host, facts, order);
    const commands = commandsTo(before, target);
    if (commands.length > 0) {
      await host.unlockRoot(facts, order.askPassword);
      // The first one counts: what the interface was before any of these changes.
      if (kept === null && action !== 'back')
        await host.keep(recordPath(facts, interfaceName), recordOf(facts, before));
    }
    for (const argv of commands) {
      state = 'pi-partial';
      const reason = `${interfaceName} ${action} now`;
      await runCommand(host, { kind: 'command', argv, reason, asRoot: true, accepts: [0] });
    }
    if (action === 'back') await host.keep(recordPath(facts, interfaceName), '');
    if (commands.length === 0) notes.push(`${interfaceName} is so already.`);
    const after = interfaceIn(await host.look(signal), interfaceName, host.label);
    return { before, after, notes, rebuild: rates.rebuild };
  } catch (error) {
    throw leave(error, state);
  }
}

function interfaceIn(facts: PiFacts, name: string, label: string): CanInterface {
  if (!facts.ipJson) {
    const message = `the command "ip" on ${label} prints no JSON, so the state of ${name} cannot be read`;
    throw new CanopusError('pi/ip-too-old', message);
  }
  const found = facts.interfaces.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new CanopusError('pi/interface-missing', `${label} has no CAN interface ${name}`, {
    interfaceName: name,
  });
}

type Target = Pick<CanRecord, 'up' | 'bitrateBps' | 'txQueueLength'>;

function targetOf(
  order: CanNowOrder,
  before: CanInterface,
  kept: CanRecord | null,
  compiled: BridgeRate | null,
): Target {
  switch (order.action) {
    case 'up':
      return {
        up: true,
        bitrateBps: order.bitrateBps ?? compiled?.bitrateBps ?? before.bitrateBps ?? order.usualBitrateBps,
        txQueueLength: order.txQueueLength,
      };
    case 'down':
      return { up: false, bitrateBps: before.bitrateBps, txQueueLength: before.txQueueLength };
    case 'back':
      if (kept !== null) return kept;
      throw new CanopusError(
        'pi/nothing-to-restore',
        `${order.interfaceName} was not changed by hand since it appeared`,
        { interfaceName: order.interfaceName },
      );
  }
}

/** `ip link` refuses another bit rate while the interface is up. */
function commandsTo(before: CanInterface, target: Target): [string, ...string[]][] {
  const { name } = before;
  const link = (...words: string[]): [string, ...string[]] => ['ip', 'link', 'set', name, ...words];
  const isOther = target.bitrateBps !== null && target.bitrateBps !== before.bitrateBps;
  const goesDown = before.up && (isOther || !target.up);
  return [
    ...(goesDown ? [link('down')] : []),
    ...(isOther ? [link('type', 'can', 'bitrate', String(target.bitrateBps))] : []),
    ...(target.txQueueLength === before.txQueueLength
      ? []
      : [link('txqueuelen', String(target.txQueueLength))]),
    ...(target.up && (goesDown || !before.up) ? [link('up')] : []),
  ];
}

const recordOf = (facts: PiFacts, { index, up, bitrateBps, txQueueLength }: CanInterface): string =>
  JSON.stringify({ bootId: facts.bootId, index, up, bitrateBps, txQueueLength } satisfies CanRecord);

/** Null if the interface was not changed by hand since it appeared. */
async function keptRecord(host: PiHost, facts: PiFacts, found: CanInterface): Promise<CanRecord | null> {
  const path = recordPath(facts, found.name);
  const bytes = (await host.contents([path])).get(path) ?? null;
  if (bytes === null) return null;
  try {
    const record = recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return record.bootId === facts.bootId && record.index === found.index ? record : null;
  } catch {
    // Another version's, or half of one: it restores nothing.
    return null;
  }
}

interface BridgeRates {
  /** What the bridge was built with; null if it is not known, or there is no bridge. */
  readonly compiled: BridgeRate | null;
  readonly note: string | null;
  readonly rebuild: Rebuild | null;
}

const noRates: BridgeRates = { compiled: null, note: null, rebuild: null };

/** The rate of a bridge is compiled in: refused if it is known to be another one, said if it is not known. */
async function ratesOf(
  host: PiHost,
  facts: PiFacts,
  { interfaceName, bitrateBps, findRecord, signal }: CanNowOrder,
  before: CanInterface,
): Promise<BridgeRates> {
  const adapter = adaptersOf(facts).find((each) => each.interfaceName === interfaceName);
  if (adapter?.isBridge !== true) return noRates;
  const connected = await connectedBoards(host, facts, signal);
  const bridge = bridgeOn(facts, interfaceName);
  const records = bridge === null ? [] : await recordsOf(findRecord, [bridge.uuid]);
  const onBus = { facts, interfaceName, connected };
  const compiled = await host.work.do('bridgeRate', { ...onBus, records }, signal);
  if (bitrateBps === null || compiled?.bitrateBps === bitrateBps) return { ...noRates, compiled };
  const named = (await host.work.do('busBoards', onBus, signal)).find(
    ({ canbusUuid }) => bridge !== null && sameUuid(canbusUuid, bridge.uuid),
  );
  const what = named?.what ?? `the bridge ${interfaceName}`;
  const rebuild = bridge === null ? null : rebuildOf({ what, canbusUuid: bridge.uuid }, bitrateBps, records);
  if (compiled !== null) {
    const from = { klipper: '', bus: ', as the boards behind it show', record: ", by this station's record" };
    const message = `${interfaceName} is a Klipper bridge that was built for ${compiled.bitrateBps} bit/s${from[compiled.from]}; setting ${bitrateBps} on the Pi changes nothing on the bus`;
    throw new CanopusError('pi/rate-compiled-in', message, {
      ...{ interfaceName, compiled: compiled.bitrateBps, wished: bitrateBps },
      ...(rebuild === null ? {} : rebuildDetails(rebuild)),
    });
  }
  if (bitrateBps === before.bitrateBps) return noRates;
  const note = `${interfaceName} is a Klipper bridge: its bus runs at the rate that the bridge was built with, whatever is set here. For another rate, build and flash it anew.`;
  return { compiled, note, rebuild };
}

async function connectedBoards(
  host: PiHost,
  facts: PiFacts,
  signal: AbortSignal | undefined,
): Promise<ConnectedBoards[]> {
  const seen = await host.printers(facts, signal);
  const ready = facts.printers.filter(({ configPath }) =>
    seen.some(
      ({ configPath: path, answer }) =>
        path === configPath &&
        answer.kind === 'status' &&
        answer.status.klippy === 'ready' &&
        answer.status.source === 'moonraker',
    ),
  );
  return Promise.all(ready.map(async (printer) => ({ printer, mcus: await host.mcus(printer, signal) })));
}
