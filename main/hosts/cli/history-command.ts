import { placeWords } from '../../../app/place.ts';
import type { Command } from 'commander';
import { CanopusError } from '../../../app/errors.ts';
import { boardStateTable, stateText } from '../../../app/errors/left-states.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import type { BoardFacts } from '../../../app/history/board-facts.ts';
import type { RunCursor } from '../../../app/history/run-filter.ts';
import type { RunImage, RunRecord } from '../../../app/history/run-record.ts';
import { uuidWithSource } from '../../../app/boards/canbus-uuid-source.ts';
import { hostPlatform } from '../../devices/native-errors.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { filterOf, withFilterOptions, type FilterOptions } from './history-options.ts';
import { withDataOptions, type DataOptions } from './station-options.ts';
import { minuteText } from './minute-text.ts';
import { parseOrdinal } from './whole-number.ts';
import { onStation } from './on-station.ts';

interface ListOptions extends FilterOptions {
  readonly csv?: boolean;
  readonly limit?: number;
}

interface WhatOptions extends DataOptions {
  readonly against?: string;
}

const shownUnlessAsked = 50;

/** `canopus history`: what was done to which board, and what is known about a board. */
export function registerHistory(program: Command, context: CliContext): void {
  const history = withDataOptions(withFilterOptions(program.command('history')))
    .description('list what was done to which board, newest first')
    .option('--csv', 'print all matching runs as CSV')
    .option('--limit <runs>', `how many to list (default ${shownUnlessAsked}; CSV: all)`, parseOrdinal)
    .action((options: ListOptions) =>
      onStation(context, options, (io, client) =>
        options.csv === true ? printCsv(io, client, options) : list(io, client, options),
      ),
    );
  // The options of `canopus history` itself come before these words.
  withDataOptions(history.command('what <code>'))
    .description("show what is known about a board: by UID, canbus_uuid or its label's code")
    .option('--against <version>', 'compare its Klipper with this version or commit')
    .action((code: string, _: WhatOptions, command: Command) => {
      const options = command.optsWithGlobals<WhatOptions>();
      return onStation(context, options, (io, client) => tell(io, client, code, options));
    });
  withDataOptions(history.command('seen <run>'))
    .description('mark an interrupted run as handled')
    .action((run: string, _: DataOptions, command: Command) => {
      const options = command.optsWithGlobals<DataOptions>();
      return onStation(context, options, async (io, client) => {
        await client.call('history.acknowledge', { id: parseOrdinal(run) });
        io.print(`Run ${run} is marked as handled.`);
        return { run: Number(run) };
      });
    });
}

/** As many as one call returns. */
const pageRuns = 200;

async function list(io: CliIo, client: StationClient, options: ListOptions): Promise<CliReport> {
  const filter = filterOf(options);
  const wanted = options.limit ?? shownUnlessAsked;
  let shown = 0;
  let total = 0;
  for (;;) {
    const limit = Math.min(wanted - shown, pageRuns);
    const page = await client.call('history.page', { filter, limit, offset: shown });
    total = page.total ?? total;
    for (const run of page.runs) io.emit({ type: 'run', ...run }, () => line(run));
    shown += page.runs.length;
    if (page.runs.length < limit || shown >= wanted) break;
  }
  if (total > shown) io.print(`${total - shown} more: narrow them down with --limit, --since and others.`);
  if (total === 0) io.print('No matching runs.');
  const interrupted = await client.call('history.interrupted', null);
  for (const run of interrupted) io.print(interruption(run));
  return { shown, total, interrupted: interrupted.map(({ id }) => id) };
}

function line(run: RunRecord): string {
  const preset = run.presetId === null ? '' : `${run.presetId}${run.variantId ? `:${run.variantId}` : ''}`;
  const klipper = run.images.find(({ part }) => part === 'application')?.version ?? '';
  return [
    String(run.id).padStart(5),
    minuteText(run.startedAt),
    run.status.padEnd(11),
    (run.uid ?? '').padEnd(24),
    (run.canbusUuid ?? '').padEnd(12),
    preset.padEnd(26),
    klipper.padEnd(20),
    boardStateTable[run.state].title.padEnd(20),
    (run.operator ?? '').padEnd(8),
    run.error?.code ?? '',
  ]
    .join('  ')
    .trimEnd();
}

function interruption(run: RunRecord): string {
  return [
    `\nRun ${run.id} on ${placeWords(run.place)} was interrupted at ${run.updatedAt.slice(0, 19).replace('T', ' ')}.`,
    stateText(run.state, 'terminal'),
    `Next: ${nextStep('job/interrupted', { surface: 'terminal', system: hostPlatform })} Then "canopus history seen ${run.id}".`,
  ].join('\n');
}

async function printCsv(io: CliIo, client: StationClient, options: ListOptions): Promise<null> {
  const filter = filterOf(options);
  let after: RunCursor | null = null as RunCursor | null;
  do {
    const part: StationOutput<'history.export'> = await client.call('history.export', {
      filter,
      format: 'csv',
      after,
    });
    io.write(part.text);
    after = part.next;
  } while (after !== null);
  return null;
}

async function tell(
  io: CliIo,
  client: StationClient,
  code: string,
  { against }: WhatOptions,
): Promise<CliReport> {
  const facts = await factsOf(client, code, against ?? null);
  io.print(describe(facts).join('\n'));
  return { ...facts };
}

/** What is known about a board. Throws `history/unknown-board` if no run has it. */
export async function factsOf(
  client: StationClient,
  code: string,
  against: string | null,
): Promise<BoardFacts> {
  const facts = await client.call('history.what', { code, against });
  if (facts !== null) return facts;
  throw new CanopusError('history/unknown-board', `No run has the board ${code}.`, { code });
}

const standings = {
  same: 'is what you asked for',
  older: 'is older than what you asked for',
  newer: 'is newer than what you asked for',
  different: 'differs from what you asked for',
  unknown: 'cannot be compared',
} as const;

function describe(facts: BoardFacts): string[] {
  const { application, bootloader, lastRun, wear, reflash } = facts;
  const board = facts.presetId === null ? 'not stated' : `${facts.presetId}:${facts.variantId ?? '?'}`;
  return [
    `UID          ${facts.uid}${facts.virtual ? ' (virtual)' : ''}`,
    `canbus_uuid  ${uuidWithSource(facts.canbusUuid, lastRun.canbusUuidSource)}`,
    `board        ${board}, ${facts.mcu ?? 'MCU unknown'}`,
    `Klipper      ${application === null ? 'none on record' : `${imageLine(application.image, application.at)}, ${boardStateTable[application.state].title}`}`,
    `Katapult     ${bootloader === null ? 'none on record' : imageLine(bootloader.image, bootloader.at)}`,
    ...(facts.restored === null
      ? []
      : [
          `restored     ${minuteText(facts.restored.at)}, from backup ${facts.restored.backupId ?? 'a file'}`,
        ]),
    ...(facts.disturbed ? ['A later run did not finish writing Klipper: check the board first.'] : []),
    ...(facts.standing === null ? [] : [`Klipper on it ${standings[facts.standing]}.`]),
    `last run     ${lastRun.id}, ${minuteText(lastRun.startedAt)}, ${lastRun.status}, state: ${boardStateTable[lastRun.state].title}`,
    `runs         ${facts.runs}; most erased sector at most ${wear.cycles} of ${wear.endurance} times`,
    ...(reflash.commands.length === 0
      ? []
      : ['', 'To repeat it:', ...reflash.commands.map((text) => `  ${text}`)]),
    ...reflash.obstacles.map((text) => `Note: ${text}`),
  ];
}

function imageLine({ version, sha256, build }: RunImage, at: string): string {
  const commit = build?.source.commit ?? null;
  const from = commit === null ? '' : `, commit ${commit.slice(0, 12)}`;
  return `${version ?? 'no version'}${from}, sha256 ${sha256.slice(0, 12)}, verified ${minuteText(at)}`;
}
