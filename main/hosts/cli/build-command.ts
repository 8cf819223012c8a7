import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { boardRoles } from '../../../app/boards/board-role.ts';
import { firmwareOf, type FirmwareTarget } from '../../../app/build/recipe.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { imageParts } from '../../../app/image/image-parts.ts';
import { presetHelp } from './flash-options.ts';
import type { CliContext, CliIo } from './context.ts';
import { withWishOptions, type FirmwareOptions, type WishOptions } from './firmware-options.ts';
import { withDataOptions } from './station-options.ts';
import { onStation } from './on-station.ts';
import { withPis } from './reach-pi.ts';
import { makeFolder } from '../../files/make-folder.ts';

interface BuildCommandOptions extends FirmwareOptions, WishOptions {
  readonly preset: string;
  readonly klipper?: string;
  readonly katapult?: string;
  readonly only?: FirmwareTarget;
  readonly out?: string;
  readonly verbose?: boolean;
}

/** `canopus build`: Katapult and Klipper for a board, from any source, inspected. */
export function registerBuild(program: Command, context: CliContext): void {
  const command = program
    .command('build')
    .description('build Katapult and Klipper for a board, or take them from the cache')
    .requiredOption('--preset <id>', presetHelp)
    .option(
      '--klipper <source>',
      'a folder, URL@REF or pi:USER@HOST (default: the newest, or what the Pi runs)',
    )
    .option('--katapult <source>', 'as for --klipper')
    .addOption(
      new Option('--as <role>', 'bridge, node (on the CAN bus) or usb (default: from the preset)').choices(
        boardRoles,
      ),
    )
    .option('--only <firmware>', 'katapult or klipper', parseTarget)
    .option(
      '--out <folder>',
      'put katapult.bin and klipper.bin there, each with its record for "canopus verify"',
    )
    .option('--verbose', 'show all compiler output');
  withDataOptions(withWishOptions(command)).action((options: BuildCommandOptions) =>
    onStation(context, options, (io, client) =>
      withPis(io, client, options, [options.on, options.klipper, options.katapult], () =>
        buildAll(io, client, options),
      ),
    ),
  );
}

async function buildAll(
  io: CliIo,
  client: StationClient,
  options: BuildCommandOptions,
): Promise<Record<string, unknown>> {
  const { buildImages, recipeFromOptions } = await import('./build-images.ts');
  const { katapult = null, klipper = null, preset, only } = options;
  const board = await recipeFromOptions(io, preset, options, client);
  const parts = imageParts.filter((part) => only === undefined || firmwareOf[part] === only);
  const wanted = { preset, sources: { katapult, klipper }, parts, verbose: options.verbose === true };
  const keys = await buildImages(io, client, wanted, options);
  const images: object[] = [];
  for (const part of parts) {
    const key = keys[part];
    if (key === null) continue;
    const target = firmwareOf[part];
    const { record } = (await client.call('images.inspect', { key })).image;
    const { build } = record;
    const file = options.out === undefined ? null : await writeImage(client, options.out, target, key);
    if (options.out !== undefined && build !== null)
      await writeRecord(client, join(options.out, `${target}.json`), key);
    const { version, size, sha256 } = record.info;
    const where = file === null ? '' : `  ${file}`;
    io.print(`${target.padEnd(9)} ${version ?? ''}  ${size} bytes  sha256 ${sha256}${where}`);
    images.push({ target, file, ...record });
  }
  return { preset: board.presetId, images };
}

async function writeImage(
  client: StationClient,
  folder: string,
  target: FirmwareTarget,
  key: string,
): Promise<string> {
  const [{ writeFileAtomically }, { toFileError }] = await Promise.all([
    import('../../files/atomic-file.ts'),
    import('../../files/file-errors.ts'),
  ]);
  await makeFolder(folder).catch((error: unknown) => {
    throw toFileError(error, folder, 'write');
  });
  const path = join(folder, `${target}.bin`);
  const { base64 } = await client.call('images.read', { key });
  await writeFileAtomically(path, Buffer.from(base64, 'base64'));
  return path;
}

/** What `canopus verify` reads. */
async function writeRecord(client: StationClient, path: string, key: string): Promise<void> {
  const { writeFileAtomically } = await import('../../files/atomic-file.ts');
  const record = await client.call('images.record', { key });
  await writeFileAtomically(path, Buffer.from(`${JSON.stringify(record, null, 2)}\n`));
}

function parseTarget(text: string): FirmwareTarget {
  if (text === 'katapult' || text === 'klipper') return text;
  throw new InvalidArgumentError('must be katapult or klipper');
}
