import { placeLabel } from '../../../app/place.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { secondNodeText } from '../../../app/errors/second-node.ts';
import { placeOfSlot } from '../../../app/bench/slot-map.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';
import { benchCounts, isArmed, type BenchCounts, type SlotState } from '../../../app/bench/bench-state.ts';
import type { StationServices } from '../../station/station-services.ts';
import { orderFor, readRecipes, type ArmOrder } from './bench-recipes.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { exitCodes } from './exit-code.ts';
import { BenchPrinter } from './show-bench.ts';

interface BenchOptions {
  readonly recipe: readonly string[];
  readonly arm?: boolean;
  readonly slots?: string;
  readonly continue?: boolean;
  readonly marking?: ReadonlyMap<string, string>;
  readonly sim?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** `canopus bench`: many boards at once, flashed as they are plugged in. */
export function registerBench(program: Command, context: CliContext): void {
  program
    .command('bench')
    .description(
      'flash every board that is plugged in and fits a recipe, until there are as many as it wants',
    )
    .requiredOption(
      '--recipe <file...>',
      'recipe files, one for each kind of board; see docs/bench-station.md',
    )
    .option('--arm', 'flash; without it the recipes are checked and what is plugged in is listed')
    .option('--slots <names>', 'only these slots, by name or USB port, with commas between')
    .option(
      '--continue',
      'go on where the last bench of this data folder was left; with --arm what failed is tried again',
    )
    .option(
      '--marking <slot=marking>',
      'what is printed on the chip of the board on a slot, such as 1-2=STM32F407ZET6; may be given more than once',
      parseSlotMarking,
    )
    .option('--sim <bench.json>', 'virtual boards instead of USB')
    .option('--data <folder>', 'keep cache, history and slots here instead of in the user folders')
    .option('--json', 'print JSON')
    .action((options: BenchOptions) =>
      context.run({ ...options, target: 'board' }, (io) => bench(io, options)),
    );
}

async function bench(io: CliIo, options: BenchOptions): Promise<CliReport> {
  const recipes = await readRecipes(options.recipe);
  const [{ openServices }, { dataFolders }, { internalLog, openHostLog }] = await Promise.all([
    import('../../station/open-services.ts'),
    import('../../station/data-folders.ts'),
    import('../host-log.ts'),
  ]);
  const station = await io.station({ sim: options.sim });
  const folders = dataFolders(options.data);
  const log = internalLog(openHostLog(folders.log));
  await using services = await openServices({ station, folders, log, tidies: false });
  const orders: ArmOrder[] = [];
  for (const recipe of recipes) orders.push(await orderFor(io, services, recipe, options.data));
  const { bench: runner } = services;
  const names = options.slots?.split(',').filter((name) => name.trim() !== '') ?? null;
  runner.limitTo(names?.map((name) => placeOfSlot(runner.map, name)) ?? null);
  if (options.continue !== true) runner.choose({ type: 'new-session' });
  if (options.arm !== true) return await listBench(io, services, orders);
  for (const order of orders) {
    await runner.arm(order);
    // From here on every slot reports the state of its own board.
    io.leaves(null);
  }
  if (options.continue === true) runner.choose({ type: 'retry', places: null });
  return await runUntilDone(io, services, options.marking ?? new Map());
}

/** Checks the recipes as arming would, and lists what is plugged in. Starts nothing. */
async function listBench(
  io: CliIo,
  services: StationServices,
  orders: readonly ArmOrder[],
): Promise<CliReport> {
  const { recipeFor } = await import('../../station/bench/bench-arming.ts');
  const { firmware, presets, bench: runner } = services;
  const recipes = await Promise.all(orders.map((order) => recipeFor(order, presets, firmware.cache)));
  for (const recipe of recipes) {
    io.emit(
      { type: 'recipe', ...recipe },
      ({ name, modes, target }) => `${name}: ${modes.join(', ')}, ${target ?? 'any number of'} boards`,
    );
  }
  const printer = new BenchPrinter(io, runner);
  const present = services.boards.all().filter(({ place }) => place !== null);
  const boards = present.filter(({ mode }) => mode !== 'unknown');
  for (const board of [...boards, ...present.filter(({ foreign }) => foreign !== null)]) printer.board(board);
  io.print('Nothing was started: --arm flashes.');
  return { armed: false, recipes: recipes.length, boards: boards.length };
}

/** Resolves when every recipe with a count has reached it, and no work is running. Throws `cancelled`. */
async function runUntilDone(
  io: CliIo,
  { bench: runner, jobs }: StationServices,
  markings: ReadonlyMap<string, string>,
): Promise<CliReport> {
  const vouchers = new Map(
    [...markings].map(([slot, marking]) => [placeOfSlot(runner.map, slot), parseMarking(marking)]),
  );
  const over = new AbortController();
  const printer = new BenchPrinter(io, runner);
  const look = (): void => {
    const counts = benchCounts(runner.state);
    if (!io.signal.aborted && counts.toDo === 0 && isEveryRecipeCounted(runner.state)) {
      if (isArmed(runner.state)) runner.disarm(null);
      if (counts.running === 0) over.abort();
    }
    if (io.signal.aborted && counts.running === 0) over.abort();
  };
  /** A marking belongs to the first refused board, and to no other one in its slot. */
  const vouch = ({ place, stage, trouble }: SlotState): void => {
    const chipMarking = vouchers.get(place);
    if (chipMarking === undefined || stage !== 'refused' || trouble?.details?.['asks'] !== 'marking') return;
    vouchers.delete(place);
    runner.choose({ type: 'vouch', place, chipMarking });
  };
  const stop = (): void => {
    io.print('\nStopping at a safe point; Ctrl-C again stops at once.');
    runner.disarm(null);
    runner.choose({ type: 'cancel', places: null });
    look();
  };
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all([
      each(runner.followSlots(over.signal), (event) => {
        for (const slot of itemsOf(event)) {
          printer.slot(slot);
          vouch(slot);
        }
        printer.counts(benchCounts(runner.state));
        look();
      }),
      each(jobs.overview(over.signal), (event) => {
        for (const job of itemsOf(event)) printer.job(job);
      }),
    ]);
  } finally {
    io.signal.removeEventListener('abort', stop);
  }
  return report(
    io,
    runner.state.outcomes.map(({ place, ...outcome }) => ({ port: placeLabel(place), ...outcome })),
    benchCounts(runner.state),
  );
}

function report(io: CliIo, boards: readonly object[], counts: BenchCounts): CliReport {
  io.print(`\n${counts.done} done, ${counts.failed} failed.`);
  if (counts.done > 0) io.print(secondNodeText);
  const result = { armed: true, ...counts, boards };
  if (io.signal.aborted) {
    io.emit({ type: 'summary', ...result });
    io.signal.throwIfAborted();
  }
  if (counts.failed > 0) process.exitCode = exitCodes.failed;
  return result;
}

/** A recipe without a count ends only with Ctrl-C. */
function isEveryRecipeCounted({
  recipes,
}: {
  readonly recipes: readonly { target: number | null }[];
}): boolean {
  return recipes.every(({ target }) => target !== null);
}

function itemsOf<V>(
  event: { type: 'all'; items: readonly V[] } | { type: 'item'; item: V } | { type: 'gone' },
): readonly V[] {
  if (event.type === 'gone') return [];
  return event.type === 'all' ? event.items : [event.item];
}

async function each<E>(events: AsyncIterable<E>, take: (event: E) => void): Promise<void> {
  for await (const event of events) take(event);
}

function parseSlotMarking(
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, slot = '', marking = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (slot.trim() === '') throw new InvalidArgumentError('must be like 1-2=STM32F407ZET6');
  return new Map([...before, [slot, marking]]);
}
