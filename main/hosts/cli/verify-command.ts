import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportedRecordSchema, type ExportedRecord } from '../../../app/build/exported-record.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { buildPhaseWords } from '../../../app/words.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { withMachineOptions, type FirmwareOptions } from './firmware-options.ts';
import { onStation } from './on-station.ts';
import { withPis } from './reach-pi.ts';
import { withDataOptions } from './station-options.ts';

interface VerifyOptions extends FirmwareOptions {
  readonly image?: string;
  readonly source?: string;
  readonly on: string;
}

/** `canopus verify FILE`: builds an image again from its record, and says whether it is the same. */
export function registerVerify(program: Command, context: CliContext): void {
  const command = program
    .command('verify')
    .description('build an image again from its record, and compare')
    .argument('<record>', 'the JSON file that was written beside the image')
    .option('--image <file>', 'also check that this file is the image of the record')
    .option('--source <source>', 'where the sources are: a folder or URL@REF (default: as the record says)');
  withDataOptions(withMachineOptions(command)).action((file: string, options: VerifyOptions) =>
    onStation(context, options, (io, client) =>
      withPis(io, client, options, [options.on], () => verify(io, client, file, options)),
    ),
  );
}

async function verify(
  io: CliIo,
  client: StationClient,
  file: string,
  { image, source, on }: VerifyOptions,
): Promise<CliReport> {
  const record = await readRecord(file);
  if (image !== undefined) await requireImageOf(record, image);
  for await (const event of client.stream('images.rebuild', { record, source: source ?? null, on }, io)) {
    if (event.type === 'phase') io.emit(event, ({ phase }) => `${record.target}: ${buildPhaseWords[phase]}`);
    else if (event.type === 'note') io.emit(event, ({ text }) => text);
    else {
      const { isIdentical, differences } = event;
      const { sha256 } = record.image;
      if (!isIdentical) {
        const message = `Built again, the image is another one.\n${differences.join('\n')}`;
        throw new CanopusError('image/not-reproduced', message, { sha256, differences });
      }
      io.print(`Identical: built again, it has the SHA-256 ${sha256}.`);
      for (const sentence of differences) io.print(`All the same, ${sentence}`);
      return { verdict: 'identical', sha256, differences };
    }
  }
  return null;
}

async function readRecord(file: string): Promise<ExportedRecord> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CanopusError('file/unreadable', `${file} cannot be read.`, {}, { cause: error });
  });
  try {
    return exportedRecordSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CanopusError('image/no-record', `${file} is not the record of an image.`, {}, { cause: error });
  }
}

async function requireImageOf({ image }: ExportedRecord, file: string): Promise<void> {
  const { loadImage } = await import('../../jobs/board-images.ts');
  const { sha256 } = (await loadImage(file)).info;
  if (sha256 === image.sha256) return;
  const message = `${file} is not the image of the record: its SHA-256 is ${sha256}, recorded is ${image.sha256}.`;
  throw new CanopusError('image/not-reproduced', message, { sha256 });
}
