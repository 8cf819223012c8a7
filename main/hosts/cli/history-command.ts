import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { CanopusError } from '../../../app/errors.ts';
import { boardStateTable, stateText } from '../../../app/errors/left-states.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import { parseBoardCode } from '../../../app/history/board-code.ts';
import type { BoardFacts } from '../../../app/history/board-facts.ts';
import type { RunImage, RunRecord } from '../../../app/history/run-record.ts';
import { uuidWithSource } from '../../../app/boards/canbus-uuid-source.ts';
import { hostPlatform } from '../../devices/native-errors.ts';
import type { History } from '../../history/history.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import {
  filterOf,
  withDataOptions,
  withFilterOptions,
  withHistory,
  type DataOptions,
  type FilterOptions,
} from './history-options.ts';

interface ListOptions extends FilterOptions {
  readonly csv?: boolean;
  readonly limit?: number;
}

interface WhatOptions extends DataOptions {
  readonly against?: string;
}

const shownUnlessAsked = 50;

/** `canopus history`: what was done to which board, and what a board is. */
export function registerHistory(program: Command, context: CliContext): void {
  const history = withDataOptions(withFilterOptions(program.command('history')))
    .description('list what was done to which board, the latest first')
    .option('--csv', 'print all that fit as CSV')
    .option('--limit <runs>', `how many to list (default ${shownUnlessAsked}; CSV: all)`, parseCount)
    .action((options: ListOptions) =>
      context.run(options, (io) =>
        withHistory(options, (opened) =>
          options.csv === true ? printCsv(io, opened, options) : list(io, opened, options),
        ),
      ),
    );
  // The options of `canopus history` itself stand in front of these words.
  withDataOptions(history.command('what <code>'))
    .description("tell what a board is: by UID, canbus_uuid or its label's code")
    .option('--against <version>', 'compare its Klipper with this version or commit')
    .action((code: string, _: WhatOptions, command: Command) => {
      const options = command.optsWithGlobals<WhatOptions>();
      return context.run(options, (io) => withHistory(options, (opened) => tell(io, opened, code, options)));
    });
  withDataOptions(history.command('seen <run>'))
    .description('note that an interrupted run was seen to')
    .action((run: string, _: DataOptions, command: Command) => {
      const options = command.optsWithGlobals<DataOptions>();
      return context.run(options, (io) =>
        withHistory(options, async (opened) => {
          opened.acknowledge(parseCount(run));
          io.print(`Run ${run} was seen to.`);
          return Promise.resolve({ run: Number(run) });
        }),
      );
    });
}

async function list(io: CliIo, history: History, options: ListOptions): Promise<CliReport> {
  const filter = filterOf(options);
  let left = options.limit ?? shownUnlessAsked;
  let shown = 0;
  for (let page = history.page(filter, Math.min(left, 200)); ;) {
    for (const run of page.runs) io.emit({ type: 'run', ...run }, () => line(run));
    shown += page.runs.length;
    left -= page.runs.length;
    if (page.next === null || left <= 0) break;
    page = history.page(filter, Math.min(left, 200), page.next);
  }
  const total = history.count(filter);
  if (total > shown) io.print(`${total - shown} more: --limit, --since and others choose.`);
  if (total === 0) io.print('Nothing fits.');
  const interrupted = history.interrupted();
  for (const run of interrupted) io.print(interruption(run));
  return Promise.resolve({ shown, total, interrupted: interrupted.map(({ id }) => id) });
}

function line(run: RunRecord): string {
  const preset = run.presetId === null ? '' : `${run.presetId}${run.variantId ? `:${run.variantId}` : ''}`;
  const klipper = run.images.find(({ target }) => target === 'klipper')?.version ?? '';
  return [
    String(run.id).padStart(5),
    run.startedAt.slice(0, 16).replace('T', ' '),
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
    `\nRun ${run.id} on port ${run.portPath} was interrupted at ${run.updatedAt.slice(0, 19).replace('T', ' ')}.`,
    stateText(run.state, 'terminal'),
    `Next: ${nextStep('job/interrupted', { surface: 'terminal', system: hostPlatform })} Then "canopus history seen ${run.id}".`,
  ].join('\n');
}

async function printCsv(io: CliIo, history: History, options: ListOptions): Promise<CliReport> {
  const { exportPart } = await import('../../history/export-runs.ts');
  const filter = filterOf(options);
  for (let part = exportPart(history, filter, 'csv', null); ;) {
    io.write(part.text);
    if (part.next === null) return null;
    part = exportPart(history, filter, 'csv', part.next);
  }
}

async function tell(io: CliIo, history: History, code: string, options: WhatOptions): Promise<CliReport> {
  const facts = history.what(parseBoardCode(code), {
    against: options.against ?? null,
    cached: await cachedKeys(options),
  });
  if (facts === null) {
    throw new CanopusError('history/unknown-board', `No run has the board ${code}.`, { code });
  }
  io.print(describe(facts).join('\n'));
  return { ...facts };
}

async function cachedKeys(options: DataOptions): Promise<ReadonlySet<string>> {
  const [{ FirmwareService }, { dataFolders }] = await Promise.all([
    import('../../firmware/firmware-service.ts'),
    import('../../station/data-folders.ts'),
  ]);
  await using firmware = new FirmwareService({
    cacheFolder: join(dataFolders(options.data).cache, 'firmware'),
    openPi: (host) => Promise.reject(new CanopusError('usage/invalid', `${host} is not asked here.`)),
  });
  return new Set(await firmware.cache.keys());
}

const standings = {
  same: 'is what you asked for',
  older: 'is older than what you asked for',
  newer: 'is newer than what you asked for',
  different: 'is another one than what you asked for',
  unknown: 'does not tell enough to be compared',
} as const;

function describe(facts: BoardFacts): string[] {
  const { klipper, katapult, lastRun, wear, reflash } = facts;
  const board = facts.presetId === null ? 'not said' : `${facts.presetId}:${facts.variantId ?? '?'}`;
  return [
    `UID          ${facts.uid}${facts.virtual ? ' (virtual)' : ''}`,
    `canbus_uuid  ${uuidWithSource(facts.canbusUuid, lastRun.canbusUuidSource)}`,
    `board        ${board}, ${facts.mcu ?? 'MCU not known'}`,
    `Klipper      ${klipper === null ? 'none on record' : `${imageLine(klipper.image, klipper.at)}, ${boardStateTable[klipper.state].title}`}`,
    `Katapult     ${katapult === null ? 'none on record' : imageLine(katapult.image, katapult.at)}`,
    ...(facts.restored === null
      ? []
      : [
          `restored     as it was before, ${facts.restored.at.slice(0, 16).replace('T', ' ')}, from backup ${facts.restored.backupId ?? 'a file'}`,
        ]),
    ...(facts.disturbed ? ['A later run did not finish Klipper: look at the board first.'] : []),
    ...(facts.standing === null ? [] : [`Klipper on it ${standings[facts.standing]}.`]),
    `last run     ${lastRun.id}, ${lastRun.startedAt.slice(0, 16).replace('T', ' ')}, ${lastRun.status}, left as: ${boardStateTable[lastRun.state].title}`,
    `runs         ${facts.runs}; most erased sector at most ${wear.cycles} of ${wear.endurance} times`,
    ...(reflash.commands.length === 0
      ? []
      : ['', 'The same again:', ...reflash.commands.map((text) => `  ${text}`)]),
    ...reflash.obstacles.map((text) => `Note: ${text}`),
  ];
}

function imageLine({ version, sha256, build }: RunImage, at: string): string {
  const commit = build?.source.commit ?? null;
  const from = commit === null ? '' : `, commit ${commit.slice(0, 12)}`;
  return `${version ?? 'no version'}${from}, sha256 ${sha256.slice(0, 12)}, verified ${at.slice(0, 16).replace('T', ' ')}`;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('must be a number');
  return Number(text);
}
