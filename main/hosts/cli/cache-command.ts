import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { bundlePieceBytes } from '../../../app/contract/entries/bundles.ts';
import type { ImageView, StationClient } from '../../../app/contract/station-contract.ts';
import { signerWords } from '../../../app/words.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { type FirmwareOptions } from './firmware-options.ts';
import { withDataOptions } from './station-options.ts';
import { minuteText } from './minute-text.ts';
import { onStation } from './on-station.ts';

interface PruneOptions extends FirmwareOptions {
  readonly maxMb: number;
}

const defaultMaxMb = 512;

/** `canopus cache`: the images that this computer stores. */
export function registerCache(program: Command, context: CliContext): void {
  const cache = program.command('cache').description('the images that were built or imported');
  const command = (usage: string, description: string) =>
    withDataOptions(cache.command(usage).description(description));
  const run = (options: FirmwareOptions, work: (io: CliIo, client: StationClient) => Promise<CliReport>) =>
    onStation(context, options, work);

  command('list', 'list them, last used first').action((options: FirmwareOptions) => run(options, list));
  command('verify', 'read and check everything; remove what is damaged').action((options: FirmwareOptions) =>
    run(options, verify),
  );
  command('prune', 'remove those unused the longest, except pinned ones and those on a board')
    .option('--max-mb <megabytes>', 'the size to keep', parseMegabytes, defaultMaxMb)
    .action((options: PruneOptions) => run(options, (io, client) => prune(io, client, options.maxMb)));
  command(
    'export <file> [keys...]',
    'put images into a bundle for another computer; all, or those named',
  ).action((file: string, keys: string[], options: FirmwareOptions) =>
    run(options, (io, client) => exportTo(io, client, file, keys)),
  );
  command('import <file>', 'import a bundle, or an image').action((file: string, options: FirmwareOptions) =>
    run(options, (io, client) => importFrom(io, client, file)),
  );
  command('record <key> [file]', 'write the record of an image, for "canopus verify"').action(
    (key: string, file: string | undefined, options: FirmwareOptions) =>
      run(options, (io, client) => writeRecord(io, client, key, file)),
  );
  command('pin <key>', 'never remove this image').action((key: string, options: FirmwareOptions) =>
    run(options, (io, client) => setPin(io, client, key, true)),
  );
  command('unpin <key>', 'allow removing this image when it is unused').action(
    (key: string, options: FirmwareOptions) => run(options, (io, client) => setPin(io, client, key, false)),
  );
}

async function list(io: CliIo, client: StationClient): Promise<CliReport> {
  const images = await client.call('images.list', null);
  for (const image of images) io.print(describeImage(image));
  const { images: all } = await client.call('images.usage', null);
  if (all > images.length) io.print(`${all - images.length} more that were used less recently.`);
  if (all === 0) io.print('No images yet.');
  return { images };
}

function describeImage({ record, pinned, lastUsedAt }: ImageView): string {
  const { info, build } = record;
  const from = build === null ? `imported from ${record.importedFrom ?? ''}` : build.source.location;
  const changed = build?.source.dirty ? ' (changed)' : '';
  return [
    record.key.slice(0, 12),
    info.kind.padEnd(8),
    (info.mcu ?? '').padEnd(11),
    (info.version ?? '').padEnd(26),
    String(info.size).padStart(7),
    minuteText(lastUsedAt),
    pinned ? 'pinned' : '      ',
    `${from}${changed}`,
  ].join('  ');
}

async function verify(io: CliIo, client: StationClient): Promise<CliReport> {
  const report = await client.call('images.verify', null, io);
  io.print(`${report.images} images are intact.`);
  for (const key of report.damaged) io.print(`${key.slice(0, 12)} was damaged and was removed.`);
  return { ...report };
}

async function prune(io: CliIo, client: StationClient, maxMb: number): Promise<CliReport> {
  const report = await client.call('images.prune', { maxBytes: maxMb * 1e6 }, io);
  const { removed, bytesBefore, bytesAfter } = report;
  io.print(
    `${removed.length} images removed: ${megabytes(bytesBefore)} before, ${megabytes(bytesAfter)} now.`,
  );
  return { ...report };
}

async function exportTo(
  io: CliIo,
  client: StationClient,
  file: string,
  starts: readonly string[],
): Promise<CliReport> {
  const { writeFileAtomically } = await import('../../files/atomic-file.ts');
  const keys: string[] = [];
  for (const start of starts) keys.push(await wholeKey(client, start));
  const pieces: Buffer[] = [];
  let images: readonly string[] = [];
  for await (const event of client.stream('bundles.export', { keys: keys.length === 0 ? null : keys }, io)) {
    if (event.type === 'start') images = event.keys;
    else pieces.push(Buffer.from(event.base64, 'base64'));
  }
  const zip = Buffer.concat(pieces);
  await writeFileAtomically(file, zip);
  io.print(`${images.length} images in ${file}, ${megabytes(zip.length)}.`);
  return { file, images, bytes: zip.length };
}

/** Into a file, or to the screen. */
async function writeRecord(
  io: CliIo,
  client: StationClient,
  start: string,
  file: string | undefined,
): Promise<CliReport> {
  const record = await client.call('images.record', { key: await wholeKey(client, start) });
  const text = JSON.stringify(record, null, 2);
  if (file === undefined) io.print(text);
  else {
    const { writeFileAtomically } = await import('../../files/atomic-file.ts');
    await writeFileAtomically(file, Buffer.from(`${text}\n`));
    io.print(`The record of ${record.target} ${record.image.version ?? ''} is in ${file}.`);
  }
  return { file: file ?? null, record };
}

async function importFrom(io: CliIo, client: StationClient, file: string): Promise<CliReport> {
  const bytes = await readFileOf(file);
  const name = basename(file);
  // PKWARE APPNOTE 4.3.7: a zip file starts with the signature of its first entry.
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip) {
    const { record } = await client.call('images.import', { name, base64: bytes.toString('base64') }, io);
    io.print(`${record.key.slice(0, 12)}  ${record.info.kind} for ${record.info.mcu ?? 'an unknown MCU'}`);
    return { added: [record.key], known: [] };
  }
  for (let at = 0; at < bytes.length; at += bundlePieceBytes) {
    const base64 = bytes.subarray(at, at + bundlePieceBytes).toString('base64');
    await client.call('bundles.put', { at, base64 }, io);
  }
  const { added, known, signer } = await client.call('bundles.import', { name }, io);
  io.print(`${added.length} images added, ${known.length} were already stored.`);
  io.print(signerWords[signer]);
  return { added, known, signer };
}

async function readFileOf(file: string): Promise<Buffer> {
  const { toFileError } = await import('../../files/file-errors.ts');
  return readFile(file).catch((error: unknown) => {
    throw toFileError(error, file, 'read');
  });
}

async function setPin(io: CliIo, client: StationClient, start: string, pinned: boolean): Promise<CliReport> {
  const key = await wholeKey(client, start);
  await client.call('images.pin', { key, pinned });
  io.print(`${key.slice(0, 12)} is ${pinned ? 'pinned' : 'no longer pinned'}.`);
  return { key, pinned };
}

/** The only key with this beginning. Throws `cache/unknown-image`. */
export async function wholeKey(client: StationClient, start: string): Promise<string> {
  if (!/^[0-9a-f]{1,64}$/i.test(start)) {
    throw new CanopusError('cache/unknown-image', `No image has the key ${start}.`, { key: start });
  }
  return (await client.call('images.find', { start })).key;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function parseMegabytes(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('must be a number of megabytes');
  return Number(text);
}
