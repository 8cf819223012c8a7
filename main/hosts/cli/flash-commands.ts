import { placeLabel, placeWords } from '../../../app/place.ts';
import { hex32 } from '../../../app/hex.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { chipUid } from '../../../app/boards/board-mode.ts';
import { secondNodeText } from '../../../app/errors/second-node.ts';
import { stateWithApplication } from '../../../app/boards/state-of-mode.ts';
import type { FlashBoardReport } from '../../jobs/flash-board.ts';
import { backupOption, runBackup } from './backup-option.ts';
import {
  withCrystalOption,
  withHazardOption,
  withMarkingOption,
  type ConfirmationOptions,
} from './confirmation-options.ts';
import type { CliContext } from './context.ts';
import { withWishOptions } from './firmware-options.ts';
import type { ImageArguments } from './flash-images.ts';
import {
  expectedBoard,
  requireSafeBoard,
  withFlashOptions,
  withRecord,
  withServices,
  type FlashCommandOptions,
} from './flash-options.ts';
import { boardModes, requireBoard, requireKatapult } from './port-argument.ts';
import { rescueOption, withRescue } from './flash-rescue.ts';
import { progressPrinter } from './show-progress.ts';

interface InstallOptions extends FlashCommandOptions, ConfirmationOptions {
  readonly image: string;
  readonly rescue?: boolean;
  readonly wait?: number;
  readonly backup?: string | true;
  readonly confirmReadUnprotect?: boolean;
}

/** The result of `install-klipper`, in words. */
function klipperDone({ seen, uid, canbusUuid, canbusUuidSource }: FlashBoardReport): string {
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

interface WholePathOptions extends FlashCommandOptions, ConfirmationOptions, ImageArguments {
  readonly preset: string;
  readonly backup?: string | true;
  readonly confirmReadUnprotect?: boolean;
  readonly rescue?: boolean;
  readonly wait?: number;
}

/** `canopus install-katapult`, `install-klipper`, `katapult-status` and `flash`. */
export function registerFlash(program: Command, context: CliContext): void {
  registerInstallKatapult(program, context);
  registerKatapultStatus(program, context);
  registerInstallKlipper(program, context);
  registerWholePath(program, context);
}

function registerInstallKatapult(program: Command, context: CliContext): void {
  withHazardOption(
    withMarkingOption(withCrystalOption(withFlashOptions(program.command('install-katapult')))),
  )
    .description('write Katapult through the ROM DFU of a board, read it back and start it')
    .requiredOption('--image <file>', 'katapult.bin, under any name')
    .option(...backupOption)
    .option('--confirm-read-unprotect', 'remove a read protection, which erases the whole chip')
    .action((options: InstallOptions) =>
      context.run({ ...options, target: 'board' }, async (io) => {
        const { checkBoardImages, loadImage } = await import('../../jobs/board-images.ts');
        const { flashBoard } = await import('../../jobs/flash-board.ts');
        await requireSafeBoard(io, options);
        const board = await expectedBoard(options);
        const bootloader = await loadImage(options.image);
        const images = checkBoardImages({ bootloader, application: null }, board);
        return withServices(io, options.sim, async (services) => {
          const { place } = requireBoard(io, services.watch, options.port, ['dfu']);
          const chosen = { ...options, port: place };
          const plan = { kind: 'install-katapult', images } as const;
          const show = progressPrinter(io, services.clock);
          const report = await withRecord(io, services.clock, chosen, plan, show, async (onEvent, runId) =>
            flashBoard(services, {
              place,
              images,
              backup: await runBackup(services.clock, chosen, runId, onEvent),
              confirmReadUnprotect: options.confirmReadUnprotect,
              signal: io.signal,
              onEvent,
            }),
          );
          io.print('\nKatapult is written and every byte was read back. Now power off, BOOT0 off, power on.');
          return { port: placeLabel(place), state: 'dfu-written', ...report.written.bootloader };
        });
      }),
    );
}

function registerKatapultStatus(program: Command, context: CliContext): void {
  withFlashOptions(program.command('katapult-status'))
    .description('ask a Katapult what it is; changes nothing')
    .action((options: FlashCommandOptions) =>
      context.run({ ...options, target: 'board' }, async (io) => {
        const { readKatapultStatus } = await import('../../../app/flash/katapult-connect.ts');
        return withServices(io, options.sim, async ({ devices, clock, watch }) => {
          const { portPath } = (await requireKatapult(io, watch, options.port)).device;
          await using link = await devices.openSerial(portPath);
          const status = await readKatapultStatus(link, { clock, signal: io.signal });
          io.print(
            [
              `Katapult ${status.softwareVersion ?? '(version not told)'} on ${status.mcu}`,
              `protocol ${status.protocolVersion}, blocks of ${status.blockSize} bytes`,
              `starts the application at ${hex32(status.applicationAddress)}`,
            ].join('\n'),
          );
          return { port: portPath, ...status };
        });
      }),
    );
}

function registerInstallKlipper(program: Command, context: CliContext): void {
  withCrystalOption(withFlashOptions(program.command('install-klipper')))
    .description('write Klipper through Katapult, read it back and see it start')
    .requiredOption('--image <file>', 'klipper.bin, under any name')
    .option(...rescueOption)
    .option('--wait <seconds>', 'how long to wait for a person (default 900)', parseSeconds)
    .action((options: InstallOptions) =>
      context.run({ ...options, target: 'board' }, async (io) => {
        const { loadImage } = await import('../../jobs/board-images.ts');
        const { checkAgainstKatapult } = await import('../../jobs/check-against-katapult.ts');
        const { flashBoard } = await import('../../jobs/flash-board.ts');
        const board = await expectedBoard(options);
        const image = await loadImage(options.image);
        return withServices(io, options.sim, async (services) => {
          const { device, place } = await requireKatapult(io, services.watch, options.port);
          const chosen = { ...options, port: place };
          await checkAgainstKatapult(services, { place, image, board, signal: io.signal });
          const images = { bootloader: null, application: image, board };
          const plan = { kind: 'install-klipper', images, uid: chipUid(device) } as const;
          const show = progressPrinter(io, services.clock);
          const report = await withRecord(io, services.clock, chosen, plan, show, (onEvent, _, onImages) =>
            withRescue(io, options, images, (search) =>
              flashBoard(services, {
                place,
                images,
                search,
                onImages,
                personTimeoutMs: options.wait === undefined ? undefined : options.wait * 1000,
                signal: io.signal,
                onEvent,
              }),
            ),
          );
          io.print(`\n${klipperDone(report)}`);
          const { written, seen, uid, crystalHz, canbusUuid, canbusUuidSource } = report;
          const known = { seen, uid, crystalHz, canbusUuid, canbusUuidSource };
          return {
            port: placeLabel(place),
            state: stateWithApplication(seen),
            ...written.application,
            ...known,
          };
        });
      }),
    );
}

function registerWholePath(program: Command, context: CliContext): void {
  const command = withFlashOptions(program.command('flash'), 'needed');
  withWishOptions(withHazardOption(withMarkingOption(withCrystalOption(command))))
    .description('take a board from DFU to a running bridge, asking for jumper and power in words')
    .requiredOption('--katapult <image>', 'a file, build, build:SOURCE or cache:KEY')
    .requiredOption('--klipper <image>', 'a file, build, build:SOURCE or cache:KEY')
    .option(...backupOption)
    .option('--confirm-read-unprotect', 'remove a read protection, which erases the whole chip')
    .option('--wait <seconds>', 'how long to wait for a person (default 900)', parseSeconds)
    .option(...rescueOption)
    .action((options: WholePathOptions) =>
      context.run({ ...options, target: 'board' }, async (io) => {
        const { checkBoardImages } = await import('../../jobs/board-images.ts');
        const { flashBoard } = await import('../../jobs/flash-board.ts');
        const { imagesForFlash } = await import('./flash-images.ts');
        await requireSafeBoard(io, options);
        const board = await expectedBoard(options);
        return withServices(io, options.sim, async (services) => {
          // Before anything is fetched or built for a missing board.
          const { place: port } = requireBoard(io, services.watch, options.port, boardModes);
          const chosen = { ...options, port };
          const { noteOnBoard, ...given } = await imagesForFlash(io, options);
          const images = checkBoardImages(given, board);
          const plan = { kind: 'flash-board', images } as const;
          const show = progressPrinter(io, services.clock);
          const { place, ...report } = await withRecord(
            io,
            services.clock,
            chosen,
            plan,
            show,
            async (onEvent, runId, onImages) =>
              withRescue(io, options, images, async (search) =>
                flashBoard(services, {
                  place: port,
                  images,
                  search,
                  onImages,
                  backup: await runBackup(services.clock, chosen, runId, onEvent),
                  confirmReadUnprotect: options.confirmReadUnprotect,
                  personTimeoutMs: options.wait === undefined ? undefined : options.wait * 1000,
                  signal: io.signal,
                  onEvent,
                }),
              ),
          );
          const { uid, canbusUuid } = report;
          if (uid !== null) await noteOnBoard(uid);
          io.print(
            `\nDone. The bridge runs on ${placeWords(place)}.\nUID          ${uid ?? ''}\ncanbus_uuid  ${canbusUuid ?? ''}${computedOnly(report)}\n${secondNodeText}`,
          );
          return { port: placeLabel(place), state: 'running-bridge', ...report };
        });
      }),
    );
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidArgumentError('must be a number of seconds');
  }
  return seconds;
}

/** A warning if the firmware may have been built with another UUID than the chip's. */
function computedOnly({ canbusUuidSource }: Pick<FlashBoardReport, 'canbusUuidSource'>): string {
  return canbusUuidSource === 'confirmed'
    ? ''
    : ' (computed from the chip: this firmware may have been built with another one; canbus_query.py shows it)';
}
