import { itemsOf } from '../../../app/contract/live-table.ts';
import { placeLabel, type PlaceId } from '../../../app/place.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { secondNodeText } from '../../../app/errors/second-node.ts';
import { placeOfSlot } from '../../../app/bench/slot-map.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';
import type { BenchCounts } from '../../../app/bench/bench-state.ts';
import type { BenchSlotView, StationClient, StationEvent } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { orderFor, readRecipes, type ArmOrder } from './bench-recipes.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { exitCodes } from './exit-code.ts';
import { onStation } from './on-station.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';
import { presentBoards } from './present-boards.ts';
import { BenchPrinter } from './show-bench.ts';
import { whileFollowed } from './while-followed.ts';

interface BenchOptions extends StationOptions {
  readonly recipe: readonly string[];
  readonly arm?: boolean;
  readonly slots?: string;
  readonly continue?: boolean;
  readonly marking?: ReadonlyMap<string, string>;
}

/** `canopus bench`: many boards at once, flashed as they are plugged in. */
export function registerBench(program: Command, context: CliContext): void {
  withStationOptions(program.command('bench'))
    .description('flash every board that is plugged in and fits a recipe, until its count is reached')
    .requiredOption(
      '--recipe <file...>',
      'recipe files, one for each kind of board; see docs/bench-station.md',
    )
    .option('--arm', 'flash; without it the recipes are checked and what is plugged in is listed')
    .option('--slots <names>', 'only these slots, by name or USB port, separated by commas')
    .option(
      '--continue',
      'continue the last bench of this data folder; with --arm, boards that failed are tried again',
    )
    .option(
      '--marking <slot=marking>',
      'what is printed on the chip of the board on a slot, such as 1-2=STM32F407ZET6; may be given more than once',
      parseSlotMarking,
    )
    .action((options: BenchOptions) =>
      onStation(context, { ...options, target: 'board' }, (io, client) => bench(io, client, options)),
    );
}

type Session = StationEvent<'bench.session'>;

async function bench(io: CliIo, client: StationClient, options: BenchOptions): Promise<CliReport> {
  const recipes = await readRecipes(options.recipe);
  const orders: ArmOrder[] = [];
  for (const recipe of recipes) orders.push(await orderFor(io, client, recipe));
  const { map } = await sessionNow(client);
  const names = options.slots?.split(',').filter((name) => name.trim() !== '') ?? null;
  const places = names?.map((name) => placeOfSlot(map, name)) ?? null;
  const vouchers = new Map(
    [...(options.marking ?? [])].map(([slot, marking]) => [placeOfSlot(map, slot), parseMarking(marking)]),
  );
  if (options.arm !== true) return await listBench(io, client, orders);
  const flash = async (): Promise<CliReport> => {
    if (options.continue !== true) await client.call('bench.newSession', null);
    for (const order of orders) {
      await client.call('bench.arm', order);
      // From here on every slot says what its own board is left as.
      io.leaves(null);
    }
    if (options.continue === true) await client.call('bench.retry', { places: null });
    return await new BenchRun(io, client, vouchers).untilDone();
  };
  if (places === null) return await flash();
  return await whileFollowed((until) => client.stream('bench.limit', { places }, until), flash);
}

async function sessionNow(client: StationClient): Promise<Session> {
  for await (const session of client.stream('bench.session', null)) return session;
  throw new CanopusError('contract/disconnected', 'The bench sent no state.');
}

/** Checks the recipes as arming would, and lists what is plugged in. Starts nothing. */
async function listBench(io: CliIo, client: StationClient, orders: readonly ArmOrder[]): Promise<CliReport> {
  for (const order of orders) {
    const recipe = await client.call('bench.check', order);
    io.emit(
      { type: 'recipe', ...recipe },
      ({ name, modes, target }) => `${name}: ${modes.join(', ')}, ${target ?? 'any number of'} boards`,
    );
  }
  const printer = new BenchPrinter(io, await sessionNow(client));
  const present = await presentBoards(client, io.signal);
  const boards = present.filter(({ mode }) => mode !== 'unknown');
  for (const board of [...boards, ...present.filter(({ foreign }) => foreign !== null)]) printer.board(board);
  io.print('Nothing was started: --arm flashes.');
  return { armed: false, recipes: orders.length, boards: boards.length };
}

/** The armed bench, followed until every recipe that has a count has it and nothing runs any more. */
class BenchRun {
  readonly #io: CliIo;
  readonly #client: StationClient;
  /** A marking is of the board that is refused first, and of no other one that comes to its slot. */
  readonly #vouchers: Map<PlaceId, string>;
  readonly #over = new AbortController();
  #session: Session | null = null;
  #isDisarming = false;

  constructor(io: CliIo, client: StationClient, vouchers: Map<PlaceId, string>) {
    this.#io = io;
    this.#client = client;
    this.#vouchers = vouchers;
  }

  /** Throws `cancelled` after Ctrl-C, once no work is running. */
  async untilDone(): Promise<CliReport> {
    this.#session = await sessionNow(this.#client);
    const printer = new BenchPrinter(this.#io, this.#session);
    const { signal } = this.#over;
    const stop = (): void => void this.#stop();
    this.#io.signal.addEventListener('abort', stop, { once: true });
    try {
      await Promise.all([
        each(this.#client.stream('bench.session', null, { signal }), (session) => {
          this.#session = session;
          printer.counts(session.counts);
          this.#look();
        }),
        each(this.#client.stream('bench.slots', null, { signal }), (event) => {
          for (const slot of itemsOf(event)) {
            printer.slot(slot);
            this.#vouch(slot);
          }
        }),
        each(this.#client.stream('jobs.overview', null, { signal }), (event) => {
          for (const job of itemsOf(event)) printer.job(job);
        }),
      ]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#io.signal.removeEventListener('abort', stop);
    }
    // What ended last may not have been heard of.
    for await (const event of this.#client.stream('bench.slots', null)) {
      for (const slot of itemsOf(event)) printer.slot(slot);
      break;
    }
    const outcomes = await this.#client.call('bench.outcomes', null);
    const boards = outcomes.map(({ place, ...outcome }) => ({ port: placeLabel(place), ...outcome }));
    return report(this.#io, boards, (await sessionNow(this.#client)).counts);
  }

  #look(): void {
    if (this.#session === null) return;
    const { recipes, counts } = this.#session;
    if (this.#io.signal.aborted) {
      if (this.#isDisarming && counts.running === 0) this.#over.abort();
      return;
    }
    // One that wants as many as come has no end but Ctrl-C.
    const isCounted = recipes.every(({ recipe }) => recipe.target !== null);
    if (counts.toDo !== 0 || !isCounted) return;
    if (recipes.some(({ recipe }) => recipe.isArmed)) {
      if (!this.#isDisarming) this.#tell(this.#client.call('bench.disarm', { recipeId: null }));
      this.#isDisarming = true;
    } else if (counts.running === 0) this.#over.abort();
  }

  #vouch({ place, stage, trouble }: BenchSlotView): void {
    const chipMarking = this.#vouchers.get(place);
    if (chipMarking === undefined || stage !== 'refused' || trouble?.details?.['asks'] !== 'marking') return;
    this.#vouchers.delete(place);
    this.#tell(this.#client.call('bench.vouch', { place, chipMarking }));
  }

  async #stop(): Promise<void> {
    this.#io.print('\nStopping at a safe point; Ctrl-C again stops at once.');
    const disarmed = this.#client.call('bench.disarm', { recipeId: null });
    const cancelled = this.#client.call('bench.cancel', { places: null });
    await Promise.allSettled([disarmed, cancelled]);
    this.#session = await sessionNow(this.#client).catch(() => this.#session);
    this.#isDisarming = true;
    this.#look();
  }

  /** Where the station has gone, the streams end with that. */
  #tell(call: Promise<unknown>): void {
    call.catch(() => undefined);
  }
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
