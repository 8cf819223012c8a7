import { CanopusError } from '../errors.ts';
import { sameUuid } from '../printer-config/set-canbus.ts';
import type { PrinterFacts } from './facts.ts';
import { busWords } from './bus-boards.ts';
import { answerOf } from './printers-seen.ts';
import { skipped, type ProofContext, type ProofResult } from './proof.ts';

interface QueriedNode {
  readonly canbusUuid: string;
  readonly application: string;
}

/**
 * Parses the output of Klipper's canbus_query.py (CANBUS.md): `Found canbus_uuid=11aa22bb33cc, Application: Klipper`.
 */
export function parseCanbusQuery(output: string): QueriedNode[] {
  return [...output.matchAll(/canbus_uuid=([0-9a-fA-F]{1,12}),\s*Application:\s*(\w+)/g)].map((match) => ({
    canbusUuid: (match[1] ?? '').toLowerCase().padStart(12, '0'),
    application: match[2] ?? '',
  }));
}

/**
 * Confirms every wished board. If Klipper talks to its boards, that is the proof: a query would find none of them,
 * because Klipper has claimed them, and may disturb the bus. If Klipper is not running, a query is safe.
 */
export async function proveNodes(context: ProofContext): Promise<ProofResult> {
  const { host, facts, options } = context;
  const { boards } = options.goal;
  const [printer] = context.printers;
  const seen = await host.printers(facts, options.signal);
  const runs = context.printers.filter((each) => answerOf(seen, each).kind === 'status');
  if (boards.length === 0 && runs.length > 0) return nameNodes(context, runs);
  const answer = printer === undefined ? null : answerOf(seen, printer);
  if (printer !== undefined && answer?.kind === 'status') return confirmThroughKlipper(context, printer);
  // The bus is common to all printers: another Klipper may be using it.
  if (seen.some(({ answer: { kind } }) => kind !== 'not-running'))
    return skipped('it is unknown whether the bus may be queried');
  const python = facts.pythonCan
    .find((path) => path.includes('/klippy-env/'))
    ?.replace(/\/lib\/.*/, '/bin/python');
  const interpreter = python ?? (facts.pythonCan.length > 0 ? 'python3' : null);
  if (facts.klipperTree === null || interpreter === null) {
    return skipped(
      "the Pi has no python-can or no Klipper, which a query needs; Klipper's start will show it",
    );
  }
  const { output } = await host.command({
    kind: 'command',
    argv: [interpreter, `${facts.klipperTree.path}/scripts/canbus_query.py`, options.goal.interfaceName],
    reason: 'asks which nodes are on the bus',
    asRoot: false,
    accepts: null,
  });
  const nodes = parseCanbusQuery(output);
  const missing = boards.filter(
    ({ canbusUuid }) => !nodes.some((node) => sameUuid(node.canbusUuid, canbusUuid)),
  );
  if (missing.length > 0)
    throw missingError(
      missing,
      nodes.map(({ canbusUuid }) => canbusUuid),
      host.label,
    );
  if (nodes.length === 0) return skipped(`no unclaimed board replied on ${options.goal.interfaceName}`);
  const told = nodes.map(({ canbusUuid, application }) => `${canbusUuid} (${application})`).join(', ');
  return { outcome: 'proven', seen: `the bus replied with ${told}` };
}

/** What Klipper says of the boards on the interface, where none was named. */
async function nameNodes(
  { host, facts, options }: ProofContext,
  printers: readonly PrinterFacts[],
): Promise<ProofResult> {
  const { interfaceName } = options.goal;
  const connected = await Promise.all(
    printers.map(async (printer) => ({ printer, mcus: await host.mcus(printer, options.signal) })),
  );
  const paths = new Set(printers.map(({ configPath }) => configPath));
  const onBus = { facts, interfaceName, connected };
  const boards = (await host.work.do('busBoards', onBus, options.signal)).filter(({ printer }) =>
    paths.has(printer.configPath),
  );
  const words = busWords(boards);
  return words.talks === null
    ? skipped(`no board was named${words.silent === null ? '' : `, and ${words.silent}`}`)
    : { outcome: 'proven', seen: [words.talks, words.silent].filter((each) => each !== null).join('; ') };
}

async function confirmThroughKlipper(
  { host, options }: ProofContext,
  { configPath }: PrinterFacts,
): Promise<ProofResult> {
  const facts = await host.look(options.signal, configPath);
  const printer = facts.printers.find((each) => each.configPath === configPath);
  const mcus = printer === undefined ? [] : await host.mcus(printer, options.signal);
  const { interfaceName } = options.goal;
  const connected = printer === undefined ? [] : [{ printer, mcus }];
  const sections = (
    await host.work.do('busBoards', { facts, interfaceName, connected }, options.signal)
  ).filter((each) => each.printer.configPath === configPath);
  const { boards } = options.goal;
  const missing = boards.filter(({ section, canbusUuid }) => {
    const named = sections.some((each) => each.section === section && sameUuid(each.canbusUuid, canbusUuid));
    return !named || !mcus.some((mcu) => mcu.section === section && mcu.version !== null);
  });
  if (missing.length > 0)
    throw missingError(
      missing,
      mcus.map(({ section }) => section),
      host.label,
    );
  const told = boards
    .map(({ section, canbusUuid }) => {
      const version = mcus.find((mcu) => mcu.section === section)?.version ?? '';
      return `[${section}] ${canbusUuid} (${version})`;
    })
    .join(', ');
  const others = sections.filter(({ section }) => !boards.some((board) => board.section === section));
  const { talks, silent } = busWords(others);
  const more = [talks === null ? null : `besides, ${talks}`, silent].filter((each) => each !== null);
  return { outcome: 'proven', seen: [`Klipper talks to ${told}`, ...more].join('; ') };
}

function missingError(
  missing: readonly { readonly section: string; readonly canbusUuid: string }[],
  seen: readonly string[],
  label: string,
): CanopusError {
  const boards = missing.map(({ section, canbusUuid }) => `${canbusUuid} ([${section}])`);
  const message = `${boards.join(', ')} ${boards.length === 1 ? 'is' : 'are'} not on the bus of ${label}; seen: ${seen.length === 0 ? 'none' : seen.join(', ')}`;
  return new CanopusError('pi/node-missing', message, { boards, seen: [...seen] });
}
