import { InvalidArgumentError, type Command } from 'commander';
import { hex32 } from '../../../app/hex.ts';
import { placeLabel, placeWords } from '../../../app/place.ts';
import { CanopusError } from '../../../app/errors.ts';
import { secondNodeText } from '../../../app/errors/second-node.ts';
import { isRpMcu } from '../../../app/mcu/rp-boot.ts';
import { stateWithApplication } from '../../../app/boards/state-of-mode.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import { refuseNode } from '../../../app/boards/refuse-node.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import type { Images } from '../../../app/image/image-parts.ts';
import { backupOption, backupOrder } from './backup-option.ts';
import {
  withCrystalOption,
  withHazardOption,
  withMarkingOption,
  withRateOption,
  type ConfirmationOptions,
} from './confirmation-options.ts';
import { onBoardsOf, withPiOptions, withUartOption, type BoardChoice } from './board-on-pi.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { withWishOptions, type FirmwareOptions, type WishOptions } from './firmware-options.ts';
import {
  orderOf,
  portOf,
  requireSafeBoard,
  rescueOption,
  withFlashOptions,
  type FlashCommandOptions,
} from './flash-options.ts';
import type { ReportOf } from './follow-job.ts';
import { onStation } from './on-station.ts';
import { boardModes, requireBoard, requireKatapult } from './port-argument.ts';
import { nodeOf, requireBridgeOf, writeNode } from './write-node.ts';

interface WriteOptions extends FlashCommandOptions, ConfirmationOptions {
  readonly backup?: string | true;
  readonly confirmReadUnprotect?: boolean;
  readonly rescue?: boolean;
  readonly wait?: number;
}

interface InstallOptions extends WriteOptions {
  readonly image: string;
}

interface WholePathOptions extends WriteOptions, FirmwareOptions, WishOptions {
  readonly preset: string;
  /** A file, `build`, `build:SOURCE` or `cache:KEY`. */
  readonly katapult?: string;
  readonly klipper: string;
}

const flashExamples = `
Examples:
  canopus flash --preset octopus:f446 --katapult build --klipper build
  canopus flash --preset octopus:f446 --katapult k.bin --klipper klipper.bin --port 1-4.2
  canopus flash --preset octopus:f446 --katapult build --klipper build --on pi:pi@voron.local
  canopus flash --preset btt-ebb-1.2:g0b1 --klipper build --place can:1-4.2/0e1a2b3c4d5e`;

/** `canopus install-katapult`, `install-klipper`, `katapult-status` and `flash`. */
export function registerFlash(program: Command, context: CliContext): void {
  const install = withPiOptions(withFlashOptions(program.command('install-katapult')));
  withHazardOption(withMarkingOption(withCrystalOption(install)))
    .description('write Katapult through the ROM of a board (DFU or BOOTSEL), read it back and start it')
    .requiredOption('--image <file>', 'katapult.bin or katapult.uf2, under any name')
    .option(...backupOption)
    .option('--confirm-read-unprotect', 'remove a read protection, which erases the whole chip')
    .action((options: InstallOptions) => onBoard(context, options, installKatapult));
  withUartOption(withPiOptions(withFlashOptions(program.command('katapult-status'))))
    .description('ask a Katapult what it is; changes nothing')
    .action((options: FlashCommandOptions) => onBoard(context, options, katapultStatus));
  withRateOption(
    withCrystalOption(withUartOption(withPiOptions(withFlashOptions(program.command('install-klipper'))))),
  )
    .description('write Klipper through Katapult, read it back and see it start')
    .requiredOption('--image <file>', 'klipper.bin, under any name')
    .option(...rescueOption)
    .option('--wait <seconds>', 'how long to wait for a person (default 900)', parseSeconds)
    .action((options: InstallOptions) => onBoard(context, options, installKlipper));
  const flash = withFlashOptions(program.command('flash').optionsGroup('The board:'), 'needed');
  withPiOptions(
    withWishOptions(withHazardOption(withMarkingOption(withRateOption(withCrystalOption(flash))))),
  )
    .description(
      'take a board from its ROM (DFU or BOOTSEL) to a running bridge, asking for jumper and power in words; a CAN node gets Klipper over its bus',
    )
    .option('--katapult <image>', 'a file, build, build:SOURCE or cache:KEY (not for a CAN node)')
    .requiredOption('--klipper <image>', 'a file, build, build:SOURCE or cache:KEY')
    .option(...backupOption)
    .option('--confirm-read-unprotect', 'remove a read protection, which erases the whole chip')
    .option('--wait <seconds>', 'how long to wait for a person (default 900)', parseSeconds)
    .option(...rescueOption)
    .addHelpText('after', flashExamples)
    .action((options: WholePathOptions) => onBoard(context, options, flashWhole));
}

function onBoard<O extends FlashCommandOptions>(
  context: CliContext,
  options: O,
  work: (io: CliIo, client: StationClient, options: O, choice: BoardChoice) => Promise<CliReport>,
): Promise<void> {
  return onStation(context, { ...options, target: 'board' }, (io, client) => {
    const port = portOf(options);
    const at = port === undefined ? options : { ...options, port };
    return onBoardsOf(io, client, at, (choice) => work(io, client, options, choice));
  });
}

async function installKatapult(
  io: CliIo,
  client: StationClient,
  options: InstallOptions,
  choice: BoardChoice,
): Promise<CliReport> {
  await requireSafeBoard(io, client, options);
  const images = { bootloader: await importedFile(client, options.image), application: null };
  const place = await requireBoard(io, client, choice, ['dfu', 'bootsel']);
  const report = await write(io, client, options, place, images);
  const isRp = report.mcu !== null && isRpMcu(report.mcu);
  const next = isRp ? 'The board starts it now.' : 'Now power off, BOOT0 off, power on.';
  io.print(`\nKatapult is written and every byte was read back. ${next}`);
  const state = isRp ? 'bootsel-written' : 'dfu-written';
  return { port: placeLabel(place), state, ...report.written.bootloader };
}

async function katapultStatus(
  io: CliIo,
  client: StationClient,
  _options: FlashCommandOptions,
  choice: BoardChoice,
): Promise<CliReport> {
  const place = await requireKatapult(io, client, choice);
  const status = await client.call('flash.katapult', { place }, io);
  io.print(
    [
      `Katapult ${status.softwareVersion ?? '(version unknown)'} on ${status.mcu}`,
      `protocol ${status.protocolVersion}, blocks of ${status.blockSize} bytes`,
      `starts the application at ${hex32(status.applicationAddress)}`,
    ].join('\n'),
  );
  return { port: placeLabel(place), ...status };
}

async function installKlipper(
  io: CliIo,
  client: StationClient,
  options: InstallOptions,
  choice: BoardChoice,
): Promise<CliReport> {
  const images = { bootloader: null, application: await importedFile(client, options.image) };
  const node = nodeOf(choice);
  if (node !== null)
    return await writeNode(io, client, options, { place: node, application: images.application });
  const place = await requireKatapult(io, client, choice);
  const report = await write(io, client, options, place, images);
  io.print(`\n${klipperDone(report)}`);
  const { written, seen, uid, found, canbusUuid, canbusUuidSource } = report;
  const known = { seen, uid, crystalHz: found?.crystalHz ?? null, canbusUuid, canbusUuidSource };
  return { port: placeLabel(place), state: stateWithApplication(seen), ...written.application, ...known };
}

async function flashWhole(
  io: CliIo,
  client: StationClient,
  options: WholePathOptions,
  choice: BoardChoice,
): Promise<CliReport> {
  const { imagesForFlash } = await import('./flash-images.ts');
  const { katapult, klipper } = options;
  const node = nodeOf(choice);
  if (node !== null) {
    if (katapult !== undefined)
      throw new CanopusError(
        'usage/invalid',
        '--katapult is not for a CAN node: its Katapult is written over USB',
      );
    await requireBridgeOf(io, client, node);
    const texts = { bootloader: null, application: klipper };
    const { application } = await imagesForFlash(io, client, { ...options, as: 'node' }, texts);
    return await writeNode(io, client, options, { place: node, application });
  }
  if (katapult === undefined)
    throw new CanopusError('usage/invalid', '--katapult is needed for a board on a USB port');
  await requireSafeBoard(io, client, options);
  await refuseNodeNamed(client, options.preset);
  await orderOf(client, options);
  // Before anything is fetched or built for a board that is not there.
  const place = await requireBoard(io, client, choice, boardModes);
  const texts = { bootloader: katapult, application: klipper };
  const images = await imagesForFlash(io, client, options, texts);
  const { kind: _, found, ...report } = await write(io, client, options, place, images);
  const { uid, canbusUuid } = report;
  io.print(
    `\nDone. The bridge runs on ${placeWords(report.place)}.\nUID          ${uid ?? ''}\ncanbus_uuid  ${canbusUuid ?? ''}${computedOnly(report)}\n${secondNodeText}`,
  );
  const crystalHz = found?.crystalHz ?? null;
  return { port: placeLabel(report.place), state: 'running-bridge', ...report, crystalHz };
}

/** Throws `preset/node-in-two-steps`. */
async function refuseNodeNamed(client: StationClient, reference: string | undefined): Promise<void> {
  if (reference === undefined) return;
  refuseNode(findPreset(await client.call('presets.list', null), reference).preset);
}

type FlashReport = ReportOf<'flash-board'>;

async function write(
  io: CliIo,
  client: StationClient,
  options: WriteOptions,
  place: FlashReport['place'],
  images: Images<string>,
): Promise<FlashReport> {
  const { followFlash } = await import('./follow-flash.ts');
  const order = { place, images, ...(await orderOf(client, options)), ...backupOrder(options.backup) };
  const { jobId } = await client.call('flash.start', order);
  return await followFlash(io, client, jobId, 'flash-board');
}

async function importedFile(client: StationClient, file: string): Promise<string> {
  const { importFile } = await import('./flash-images.ts');
  return await importFile(client, file);
}

/** What came out of `install-klipper`, in words. */
function klipperDone({ seen, uid, canbusUuid, canbusUuidSource }: FlashReport): string {
  if (seen === null) return 'Klipper is written, every block was read back, and it was started.';
  const told = [
    `Done. ${seen === 'can-bridge' ? 'The bridge runs' : 'Klipper runs on USB serial'}.`,
    uid === null ? null : `UID          ${uid}`,
    canbusUuid === null || seen !== 'can-bridge'
      ? null
      : `canbus_uuid  ${canbusUuid}${computedOnly({ canbusUuidSource })}`,
    seen === 'can-bridge' ? secondNodeText : null,
  ];
  return told.filter((line) => line !== null).join('\n');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidArgumentError('must be a number of seconds');
  }
  return seconds;
}

/** Said where the firmware may have been built with another UUID than the chip's. */
function computedOnly({ canbusUuidSource }: Pick<FlashReport, 'canbusUuidSource'>): string {
  return canbusUuidSource === 'confirmed'
    ? ''
    : ' (computed from the chip: this firmware may have been built with another one; canbus_query.py shows it)';
}
