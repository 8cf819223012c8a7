import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { ListedImage } from '../../../app/build/image-record.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { withFirmware, withFirmwareOptions, type FirmwareOptions } from './firmware-options.ts';

interface PruneOptions extends FirmwareOptions {
  readonly maxMb: number;
}

const defaultMaxMb = 512;

type Work = (io: CliIo, firmware: FirmwareService) => Promise<CliReport>;

/** `canopus cache`: the images that this computer keeps. */
export function registerCache(program: Command, context: CliContext): void {
  const cache = program.command('cache').description('the images that were built or imported');
  const command = (usage: string, description: string) =>
    withFirmwareOptions(cache.command(usage).description(description));
  const run = (options: FirmwareOptions, work: Work) =>
    context.run(options, (io) => withFirmware(io, options, (firmware) => work(io, firmware)));

  command('list', 'list them, last used first').action((options: FirmwareOptions) => run(options, list));
  command('verify', 'read and check everything; remove what is damaged').action((options: FirmwareOptions) =>
    run(options, verify),
  );
  command('prune', 'remove the longest unused ones, but none that is pinned or on a board')
    .option('--max-mb <megabytes>', 'what may stay', parseMegabytes, defaultMaxMb)
    .action((options: PruneOptions) => run(options, (io, firmware) => prune(io, firmware, options.maxMb)));
  command(
    'export <file> [keys...]',
    'put images into a bundle for another computer; all, or those named',
  ).action((file: string, keys: string[], options: FirmwareOptions) =>
    run(options, (io, firmware) => exportTo(io, firmware, file, keys)),
  );
  command('import <file>', 'take over a bundle, or an image').action(
    (file: string, options: FirmwareOptions) =>
      run(options, (io, firmware) => importFrom(io, firmware, file)),
  );
  command('pin <key>', 'never remove this image').action((key: string, options: FirmwareOptions) =>
    run(options, (io, firmware) => setPin(io, firmware, key, true)),
  );
  command('unpin <key>', 'let this image be removed when it is unused').action(
    (key: string, options: FirmwareOptions) =>
      run(options, (io, firmware) => setPin(io, firmware, key, false)),
  );
}

async function list(io: CliIo, { cache }: FirmwareService): Promise<CliReport> {
  const images = await cache.list();
  for (const image of images) io.print(describeImage(image));
  if (images.length === 0) io.print('No images yet.');
  return { images };
}

function describeImage({ record, pinned, lastUsedAt }: ListedImage): string {
  const { info, build } = record;
  const from = build === null ? `imported from ${record.importedFrom ?? ''}` : build.source.location;
  const changed = build?.source.dirty ? ' (changed)' : '';
  return [
    record.key.slice(0, 12),
    info.kind.padEnd(8),
    (info.mcu ?? '').padEnd(11),
    (info.version ?? '').padEnd(26),
    String(info.size).padStart(7),
    lastUsedAt.slice(0, 16).replace('T', ' '),
    pinned ? 'pinned' : '      ',
    `${from}${changed}`,
  ].join('  ');
}

async function verify(io: CliIo, firmware: FirmwareService): Promise<CliReport> {
  const report = await firmware.verify(io.signal);
  io.print(`${report.images} images are whole.`);
  for (const key of report.damaged) io.print(`${key.slice(0, 12)} was damaged and was removed.`);
  return { ...report };
}

async function prune(io: CliIo, firmware: FirmwareService, maxMb: number): Promise<CliReport> {
  const [{ pruneCache }, { defaultKeptTrees }] = await Promise.all([
    import('../../firmware/cache-upkeep.ts'),
    import('../../firmware/firmware-service.ts'),
  ]);
  const { removed, bytesBefore, bytesAfter } = await pruneCache(
    firmware.cache,
    { maxBytes: maxMb * 1e6 },
    io.signal,
  );
  await firmware.pruneSources(defaultKeptTrees, io.signal);
  io.print(
    `${removed.length} images removed: ${megabytes(bytesBefore)} before, ${megabytes(bytesAfter)} now.`,
  );
  return { removed: removed.map(({ record }) => record.key), bytesBefore, bytesAfter };
}

async function exportTo(
  io: CliIo,
  { cache }: FirmwareService,
  file: string,
  keys: readonly string[],
): Promise<CliReport> {
  const { exportBundle } = await import('../../firmware/cache-bundle.ts');
  const { writeFileAtomically } = await import('../../files/atomic-file.ts');
  const chosen =
    keys.length === 0 ? await cache.keys() : await Promise.all(keys.map((key) => wholeKey(cache, key)));
  const zip = await exportBundle(cache, chosen);
  await writeFileAtomically(file, zip);
  io.print(`${chosen.length} images in ${file}, ${megabytes(zip.length)}.`);
  return { file, images: chosen, bytes: zip.length };
}

async function importFrom(io: CliIo, firmware: FirmwareService, file: string): Promise<CliReport> {
  const { toFileError } = await import('../../files/file-errors.ts');
  const bytes = await readFile(file).catch((error: unknown) => {
    throw toFileError(error, file, 'read');
  });
  // PKWARE APPNOTE 4.3.7: a zip file begins with the signature of its first entry.
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip) {
    const { record } = await firmware.importImage(bytes, basename(file), io.signal);
    io.print(`${record.key.slice(0, 12)}  ${record.info.kind} for ${record.info.mcu ?? 'an unknown MCU'}`);
    return { added: [record.key], known: [] };
  }
  const { importBundle } = await import('../../firmware/cache-bundle.ts');
  const { added, known } = await importBundle(firmware.cache, bytes, basename(file), io.signal);
  io.print(`${added.length} images added, ${known.length} were here already.`);
  return { added: added.map(({ key }) => key), known };
}

async function setPin(
  io: CliIo,
  { cache }: FirmwareService,
  start: string,
  pinned: boolean,
): Promise<CliReport> {
  const key = await wholeKey(cache, start);
  await (pinned ? cache.pin(key) : cache.unpin(key));
  io.print(`${key.slice(0, 12)} is ${pinned ? 'pinned' : 'not pinned any more'}.`);
  return { key, pinned };
}

/** The key that begins so. Throws `cache/unknown-image` where none does, or several do. */
export async function wholeKey(cache: ImageCache, start: string): Promise<string> {
  const found = (await cache.keys()).filter((key) => key.startsWith(start.toLowerCase()));
  if (found.length === 1 && found[0] !== undefined && start.length >= 4) return found[0];
  const message =
    found.length > 1
      ? `${found.length} images have a key that begins with ${start}`
      : `no image has the key ${start}`;
  throw new CanopusError('cache/unknown-image', message, { key: start });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function parseMegabytes(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('must be a number of megabytes');
  return Number(text);
}
