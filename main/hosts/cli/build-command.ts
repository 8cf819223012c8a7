import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { parseFirmwareSource } from '../../../app/build/firmware-source.ts';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import type { CachedImage } from '../../firmware/image-cache.ts';
import { presetHelp } from './flash-options.ts';
import type { CliContext, CliIo } from './context.ts';
import {
  withFirmware,
  withFirmwareOptions,
  withWishOptions,
  type FirmwareOptions,
  type WishOptions,
} from './firmware-options.ts';

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
    .option('--only <firmware>', 'katapult or klipper', parseTarget)
    .option('--out <folder>', 'put katapult.bin and klipper.bin there')
    .option('--verbose', 'show all that the compiler says');
  withFirmwareOptions(withWishOptions(command)).action((options: BuildCommandOptions) =>
    context.run(options, (io) => build(io, options)),
  );
}

async function build(io: CliIo, options: BuildCommandOptions): Promise<Record<string, unknown>> {
  const { buildAll, recipeFromOptions } = await import('./build-images.ts');
  const board = await recipeFromOptions(io, options.preset, options);
  const targets: FirmwareTarget[] = options.only ? [options.only] : ['katapult', 'klipper'];
  const sources = targets.map((target) => {
    const text = options[target];
    return text === undefined ? null : parseFirmwareSource(text);
  });
  return withFirmware(io, options, async (firmware) => {
    const orders = targets.map((target, index) => ({
      target,
      board,
      source: sources[index] ?? null,
      wishes: options,
      verbose: options.verbose === true,
    }));
    const images = await buildAll(io, firmware, orders);
    const written = options.out === undefined ? [] : await writeImages(options.out, targets, images);
    for (const [index, { record }] of images.entries()) {
      const { version, size, sha256 } = record.info;
      const where = written[index] === undefined ? '' : `  ${written[index]}`;
      io.print(
        `${(targets[index] ?? '').padEnd(9)} ${version ?? ''}  ${size} bytes  sha256 ${sha256}${where}`,
      );
    }
    return {
      preset: board.presetId,
      images: images.map(({ record }, index) => ({
        target: targets[index],
        file: written[index] ?? null,
        ...record,
      })),
    };
  });
}

async function writeImages(
  folder: string,
  targets: readonly FirmwareTarget[],
  images: readonly CachedImage[],
): Promise<string[]> {
  const [{ writeFileAtomically }, { toFileError }] = await Promise.all([
    import('../../files/atomic-file.ts'),
    import('../../files/file-errors.ts'),
  ]);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw toFileError(error, folder, 'write');
  });
  const paths: string[] = [];
  for (const [index, { bytes }] of images.entries()) {
    const path = join(folder, `${targets[index] ?? 'image'}.bin`);
    await writeFileAtomically(path, bytes);
    paths.push(path);
  }
  return paths;
}

function parseTarget(text: string): FirmwareTarget {
  if (text === 'katapult' || text === 'klipper') return text;
  throw new InvalidArgumentError('must be katapult or klipper');
}
