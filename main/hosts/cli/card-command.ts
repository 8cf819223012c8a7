import type { Command } from 'commander';
import type { Board } from '../../../app/boards/board.ts';
import { isFat, type Card } from '../../../app/cards/card.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { itemsOf } from '../../../app/contract/live-table.ts';
import { CanopusError } from '../../../app/errors.ts';
import { placeLabel, placeWords, type PlaceId } from '../../../app/place.ts';
import { noConfirmations } from '../../../app/boards/confirmations.ts';
import { confirmationsOf, withCrystalOption, type ConfirmationOptions } from './confirmation-options.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { presetHelp } from './flash-options.ts';
import { parseOrdinal } from './whole-number.ts';
import { presentBoards } from './present-boards.ts';
import { onStation } from './on-station.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';

interface KatapultOptions extends StationOptions {
  readonly image: string;
  readonly drive?: string;
  readonly wait: number;
}

interface WriteOptions extends StationOptions, ConfirmationOptions {
  readonly preset: string;
  readonly image: string;
  readonly card?: string;
}

/** `canopus card list` and `canopus card write`. */
export function registerCard(program: Command, context: CliContext): void {
  const card = program
    .command('card')
    .description("firmware on an SD card, for boards whose maker's bootloader takes it from there");
  withStationOptions(card.command('list'))
    .description('removable drives that are mounted; fixed disks are never listed')
    .action((options: StationOptions) => onStation(context, options, (io, client) => listCards(io, client)));
  withStationOptions(card.command('katapult'))
    .description("install Katapult through the drive of an RP2040's or RP2350's boot ROM (RPI-RP2, RP2350)")
    .requiredOption('--image <file>', 'katapult.bin or katapult.uf2, or cache:KEY')
    .option('--drive <folder>', 'where the drive is mounted (default: the only one)')
    .option('--wait <seconds>', 'how long to wait for Katapult', parseOrdinal, 30)
    .action((options: KatapultOptions) =>
      onStation(context, { ...options, target: 'board' }, (io, client) => writeDrive(io, client, options)),
    );
  const write = withStationOptions(card.command('write'))
    .description("put Klipper onto a card under the name that the board's bootloader looks for")
    .requiredOption('--preset <id>', presetHelp)
    .requiredOption('--image <file>', "klipper.bin built for the board's own bootloader, or cache:KEY")
    .option('--card <folder>', 'where the card is mounted (default: the only one)');
  withCrystalOption(write).action((options: WriteOptions) =>
    onStation(context, { ...options, target: 'board' }, (io, client) => writeCard(io, client, options)),
  );
}

/**
 * The drive cannot be read back: Katapult that starts is the proof, and what it says of itself. Throws `uf2/…`,
 * `image/…`.
 */
async function writeDrive(
  io: CliIo,
  client: StationClient,
  { image, drive, wait }: KatapultOptions,
): Promise<CliReport> {
  const before = placesOf(await presentBoards(client, io.signal));
  const key = await imageNamed(client, image);
  const written = await client.call('cards.writeUf2', { image: key, drive: drive ?? null }, io);
  io.print(`The boot ROM at ${written.path} took ${written.bytes} bytes and restarted.`);
  io.leaves('bootsel-partial');
  const place = await katapultAfter(io, client, before, wait * 1000);
  if (place === null) {
    const message = `No Katapult showed up within ${wait} s after the drive was gone.`;
    throw new CanopusError('uf2/not-started', message, {}, { state: 'bootsel-partial' });
  }
  io.print(`Katapult runs on ${placeWords(place)}. "canopus katapult-status" shows what it is.`);
  return { ...written, place, port: placeLabel(place) };
}

const placesOf = (boards: readonly Board[]): ReadonlySet<PlaceId> =>
  new Set(boards.flatMap(({ place, mode }) => (place !== null && mode === 'katapult' ? [place] : [])));

/** Where a Katapult appears that was not there before; null if none does in time. */
async function katapultAfter(
  io: CliIo,
  client: StationClient,
  before: ReadonlySet<PlaceId>,
  timeoutMs: number,
): Promise<PlaceId | null> {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([io.signal, late]);
  try {
    for await (const event of client.stream('boards.watch', null, { signal })) {
      const place = [...placesOf(itemsOf(event))].find((each) => !before.has(each));
      if (place !== undefined) return place;
    }
  } catch (error) {
    if (!late.aborted) throw error;
  }
  return null;
}

async function listCards(io: CliIo, client: StationClient): Promise<CliReport> {
  const cards = await client.call('cards.list', null, io);
  for (const card of cards) io.print(cardLine(card));
  if (cards.length === 0) io.print('No removable drive is mounted.');
  return { cards };
}

/** `/media/me/BOOT  BOOT  vfat  1.9 GB free` */
function cardLine({ path, label, fileSystem, freeBytes, isReadOnly }: Card): string {
  const free = freeBytes === null ? null : `${(freeBytes / 1e9).toFixed(1)} GB free`;
  const use = isFat(fileSystem) ? null : 'not FAT: boards cannot read it';
  return [path, label, fileSystem, free, isReadOnly === true ? 'write-protected' : null, use]
    .filter((part) => part !== null)
    .join('  ');
}

async function writeCard(io: CliIo, client: StationClient, options: WriteOptions): Promise<CliReport> {
  const { preset: reference, image } = options;
  const { preset, variants } = findPreset(await client.call('presets.list', null), reference);
  const card = chosenCard(await client.call('cards.list', null, io), options.card);
  const order = {
    card: card.id,
    board: { presetId: preset.id, variantId: variants.length === 1 ? (variants[0]?.id ?? null) : null },
    image: await imageNamed(client, image),
    confirmations: { ...noConfirmations, ...confirmationsOf(options) },
  };
  const written = await client.call('cards.write', order, io);
  io.print(writtenText(written));
  return { state: 'untouched', card: card.path, ...written };
}

async function imageNamed(client: StationClient, text: string): Promise<string> {
  if (text.startsWith('cache:')) {
    const { wholeKey } = await import('./cache-command.ts');
    return await wholeKey(client, text.slice('cache:'.length));
  }
  const { importFile } = await import('./flash-images.ts');
  return await importFile(client, text);
}

/** Throws `card/none`, `card/ambiguous`. */
function chosenCard(cards: readonly Card[], path: string | undefined): Card {
  const without = (text: string): string => text.replace(/(?<=.)[\\/]+$/, '').toLowerCase();
  const meant = cards.filter((card) => path === undefined || without(card.path) === without(path));
  const [first, ...others] = meant;
  const paths = cards.map((card) => card.path);
  const state = 'untouched';
  if (first === undefined) {
    const message =
      path === undefined
        ? 'No removable drive is mounted.'
        : `${path} is not where a removable drive is mounted.`;
    throw new CanopusError('card/none', message, { paths }, { state });
  }
  if (others.length === 0) return first;
  throw new CanopusError('card/ambiguous', `${meant.length} cards are there.`, { paths }, { state });
}

function writtenText({ path, bytes, isReadFromCard, isEjected }: StationOutput<'cards.write'>): string {
  const how = isReadFromCard
    ? 'read back from the card'
    : 'read back through the system, which may remember it';
  const taken = isEjected
    ? 'The card is ejected: take it out.'
    : 'Eject the card in your system, then take it out.';
  return [
    `${path}: ${bytes} bytes written, ${how}, and every byte is the same.`,
    taken,
    'Put it into the board with its power off, then power the board.',
    'The board is flashed when it shows up: "canopus boards". Some bootloaders rename the file to .CUR; that is no proof.',
  ].join('\n');
}
