import { bridgedNode, nodeAt, parsePlace, piOf, type PlaceId, placeWords, uartAt } from '../../app/place.ts';
import { findPreset, type PresetChoice } from '../../app/boards/preset.ts';
import type { Preset } from '../../app/boards/preset-schema.ts';
import type { StationInput } from '../../app/contract/station-contract.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import { noConfirmations } from '../../app/boards/confirmations.ts';
import { chipNames } from '../../app/boards/chip-identity.ts';
import { boardMode, chipUid } from '../../app/boards/board-mode.ts';
import { requireReachableNodes } from '../../app/boards/bus-rate.ts';
import { wayBackText } from '../../app/boards/way-back.ts';
import {
  confirmedBoard,
  type BoardExpectation,
  expectationOf,
  unknownBoard,
  withCrystal,
} from '../../app/image/board-expectation.ts';
import { imageParts, presentImages, type ImagePart } from '../../app/image/image-parts.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { BackupStore } from '../backups/backup-store.ts';
import { RunBackup, type RunBackupOptions } from '../backups/run-backup.ts';
import type { ImageCache } from '../firmware/image-cache.ts';
import type { RecordedNode } from '../history/nodes-behind.ts';
import { checkBoardImages, type BoardImages, type LoadedImage } from '../jobs/board-images.ts';
import type { CrystalImages } from '../jobs/crystal-images.ts';
import type { CrystalSearchOptions } from '../jobs/crystal-images.ts';
import { flashUartAt } from '../jobs/flash-uart-at.ts';
import { flashNodeAt } from '../jobs/flash-node-at.ts';
import { checkAgainstKatapult } from '../jobs/check-against-katapult.ts';
import { flashBoard, type FlashBoardOptions } from '../jobs/flash-board.ts';
import type { JobContext, JobList } from '../jobs/job-list.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { recordRun, runKindOf, type RunPlan, type RunRecorder } from '../jobs/run-recorder.ts';
import { sampleVersion } from './station-images.ts';
import { noSearch, type SupplyOrder } from './rescue/crystal-supply.ts';

interface FlashJobsOptions {
  /** What reaches a place. Throws `device/unreachable`. */
  readonly servicesAt: (place: PlaceId) => JobServices;
  readonly jobs: JobList;
  readonly cache: Pick<ImageCache, 'require' | 'noteOnBoard'>;
  readonly presets: readonly Preset[];
  readonly isVirtual: (place: PlaceId) => boolean;
  /** Null if there is no history to write to. */
  readonly recorder: RunRecorder | null;
  /** Where backups are kept. */
  readonly backups: BackupStore;
  /** The images that a search for a board's crystal can write. */
  readonly crystals: (order: SupplyOrder) => Promise<CrystalImages>;
  /** Why there is no history to write to, as a sentence. */
  readonly unrecorded?: string | null;
  /** The bit rate of the bridge with this canbus_uuid, by the record of what was written to it; null: unknown. */
  readonly bitrateOf?: (bridgeUuid: string) => Promise<number | null>;
  /** The nodes that were written through the bridge at a USB port of this computer. */
  readonly nodesBehind?: (bridge: PlaceId) => Promise<readonly RecordedNode[]>;
  /** The current operator, for the history. */
  readonly operator: () => string | null;
}

/** What the bench adds to an order. */
export interface FlashMore extends Pick<FlashBoardOptions, 'checkTarget'> {
  /** Called when it is the job's turn, before anything is opened; may throw to refuse. */
  readonly checkStart?: () => void;
  /** The slot's name for people. */
  readonly slot?: string | null;
}

/** Starts flashing of boards as jobs. */
export class FlashJobs {
  readonly #options: FlashJobsOptions;
  /** Aborted when a person wants the search that a job offers. */
  readonly #searches = new Map<string, AbortController>();

  constructor(options: FlashJobsOptions) {
    this.#options = options;
  }

  /** Checks the images against the board and each other, then queues the job. */
  async start(order: StationInput<'flash.start'>, more: FlashMore = {}): Promise<{ jobId: string }> {
    const { place, board, confirmReadUnprotect, confirmations = noConfirmations } = order;
    const { crystalHz = null } = order;
    const { servicesAt, jobs, presets, isVirtual, recorder, operator, unrecorded = null } = this.#options;
    const services = servicesAt(place);
    const choice = board && findPreset(presets, referenceOf(board));
    const [bootloader, application] = await Promise.all([
      this.#load(order.images.bootloader),
      this.#load(order.images.application),
    ]);
    const vouched = confirmedBoard(choice ? expectationOf(choice) : unknownBoard, confirmations);
    const known = crystalHz === null ? vouched : withCrystal(vouched, crystalHz);
    const node = nodeAt(place);
    const expected: BoardExpectation = node === null ? known : { ...known, role: 'node' };
    const images = checkBoardImages({ bootloader, application }, expected);
    const left = await this.#requireReachableNodes(place, images, confirmations.lostNodes ?? []);
    const isSample = presentImages(images).some(({ info }) => info.version === sampleVersion);
    if (isSample && !isVirtual(place)) {
      throw new CanopusError('image/virtual-only', `The board on ${placeWords(place)} is a real one.`, {
        place,
      });
    }
    const wanted = new AbortController();
    const jobId = jobs.start({
      kind: 'flash-board',
      place,
      ...onPi(place),
      presetId: board && referenceOf(board),
      run: async ({ signal, emit }) => {
        more.checkStart?.();
        const note = (text: string): void => emit({ type: 'note', text });
        await using _hold = await services.hold?.(place, { note, signal });
        await this.#checkRunning(services, place, images, signal);
        if (unrecorded !== null)
          emit({ type: 'note', text: `There will be no record of this: ${unrecorded}` });
        const plan = {
          kind: runKindOf(images),
          place,
          board,
          images,
          slot: more.slot ?? null,
          uid: chipUidAt(services, place),
          operator: order.operator ?? operator(),
          isVirtual: isVirtual(place),
        } as const;
        const { checkTarget } = more;
        const personTimeoutMs = order.personTimeoutMs ?? undefined;
        const bridge = bridgedNode(place)?.bridge ?? null;
        const busBitrateBps = bridge === null ? null : await this.#bitrateOf(bridge);
        for (const text of left) emit({ type: 'note', text });
        if (node !== null) emit({ type: 'note', text: wayBackText(choice?.preset ?? null) });
        const search =
          node === null && uartAt(place) === null
            ? await this.#search(order, plan, choice, { wanted: wanted.signal, emit })
            : undefined;
        let last: RunPlan['images'] = images;
        const { crystalHz: foundHz, ...report } = await recordRun(
          recorder,
          plan,
          emit,
          (onEvent, runId, onImages) => {
            if (uartAt(place) !== null) return flashUartAt(services, { place, images, signal, onEvent });
            if (node !== null)
              return flashNodeAt(services, { place, images, busBitrateBps, signal, onEvent });
            const backup =
              order.backup === true
                ? this.#backup(plan, order.backupFile ?? null, runId, onEvent)
                : undefined;
            const how = {
              checkTarget,
              confirmReadUnprotect,
              backup,
              search,
              personTimeoutMs,
              signal,
              onEvent,
            };
            const take = (others: RunPlan['images']): void => {
              last = others;
              onImages(others);
            };
            return flashBoard(services, { place, images, ...how, onImages: take });
          },
        ).finally(() => this.#searches.delete(jobId));
        // A bootloader that was there already is not the order's.
        const written = imageParts.map((part) => (report.written[part] === null ? null : last[part]));
        if (!isSample && report.uid !== null)
          await this.#hold(
            written.filter((image) => image !== null),
            report.uid,
            emit,
          );
        const key = (part: ImagePart): string | null => last[part]?.record?.key ?? order.images[part];
        const keys = { bootloader: key('bootloader'), application: key('application') };
        const found =
          foundHz === null || keys.application === null
            ? null
            : { crystalHz: foundHz, images: { ...keys, application: keys.application } };
        return { kind: 'flash-board', ...report, found };
      },
    });
    this.#searches.set(jobId, wanted);
    return { jobId };
  }

  /** Begins the search that a job offers; false if it offers none. */
  search(jobId: string): boolean {
    const isOffered = this.#options.jobs.all().some(({ id, offer }) => id === jobId && offer !== null);
    if (isOffered) this.#searches.get(jobId)?.abort();
    return isOffered;
  }

  async #bitrateOf(bridge: PlaceId): Promise<number | null> {
    const { servicesAt, bitrateOf } = this.#options;
    const { canbusUuid } = chipNames(chipUidAt(servicesAt(bridge), bridge));
    return canbusUuid === null ? null : ((await bitrateOf?.(canbusUuid)) ?? null);
  }

  /** What to say of nodes that a new bit rate of a bridge leaves behind. Throws `can/rate-strands-nodes`. */
  async #requireReachableNodes(
    place: PlaceId,
    { application }: BoardImages,
    confirmed: readonly string[],
  ): Promise<readonly string[]> {
    const { presets, nodesBehind } = this.#options;
    if (application?.info.can?.role !== 'bridge' || parsePlace(place)?.kind !== 'usb') return [];
    const recorded = (await nodesBehind?.(place)) ?? [];
    if (recorded.length === 0) return [];
    const nodes = recorded.map((each) => {
      const preset = presets.find(({ id }) => id === each.presetId);
      return { ...each, hasUsbWay: preset !== undefined && preset.romEntry.value !== null };
    });
    const busBitrateBps = await this.#bitrateOf(place);
    const wantedBps = application.info.can.bitrateBps;
    return requireReachableNodes({ busBitrateBps, wantedBps, nodes, confirmed }).map(
      ({ canbusUuid, hasUsbWay }) =>
        `Node ${canbusUuid} keeps ${busBitrateBps ?? '?'} bit/s and is out of reach over CAN from now on. ${hasUsbWay ? 'Its Katapult must be written anew over USB.' : 'You have confirmed that.'}`,
    );
  }

  /** Checks an application alone against the Katapult that runs, before there is a record of the run. */
  async #checkRunning(
    services: JobServices,
    place: PlaceId,
    { bootloader, application, board }: BoardImages,
    signal: AbortSignal,
  ): Promise<void> {
    const present = services.watch.at(place);
    const runsKatapult = present !== null && boardMode(present.device) === 'katapult';
    if (bootloader !== null || application === null || !runsKatapult) return;
    await checkAgainstKatapult(services, { place, image: application, board, signal });
  }

  /** How the run finds the crystal of a silent board. If it cannot, that is reported before anything is written. */
  async #search(
    { search = null, searches = 'when-wanted' }: StationInput<'flash.start'>,
    { images: ordered, isVirtual }: { readonly images: BoardImages; readonly isVirtual: boolean },
    choice: PresetChoice | null,
    { wanted, emit }: { wanted: AbortSignal; emit: JobContext['emit'] },
  ): Promise<CrystalSearchOptions | undefined> {
    if (searches === 'never') return undefined;
    const variantsHz = choice?.preset.variants.map(({ crystalHz }) => crystalHz.value) ?? [];
    const images = await this.#options.crystals({ images: ordered, variantsHz, isVirtual });
    if (images.obstacle !== null) emit({ type: 'note', text: noSearch(images.obstacle, ordered) });
    const when = search === null ? searches : 'at-once';
    return { images, when, wanted, silentHz: search?.silentHz };
  }

  #backup(
    { place, board, isVirtual }: Pick<RunPlan, 'place' | 'board' | 'isVirtual'>,
    file: string | null,
    runId: number | null,
    onEvent: RunBackupOptions['onEvent'],
  ): RunBackup {
    const { backups: store, servicesAt } = this.#options;
    const { presetId = null, variantId = null } = board ?? {};
    const facts = { place, virtual: isVirtual, presetId, variantId, runId };
    return new RunBackup({ store, clock: servicesAt(place).clock, file, facts, onEvent });
  }

  /** Images on a board stay in the cache. A failure here is no reason to report the board as failed. */
  async #hold(images: readonly LoadedImage[], uid: string, emit: JobContext['emit']): Promise<void> {
    try {
      for (const { info } of images) await this.#options.cache.noteOnBoard(info.sha256, uid);
    } catch (error) {
      emit({ type: 'note', text: `The cache could not record the board: ${toCanopusError(error).message}` });
    }
  }

  async #load(key: string | null): Promise<LoadedImage | null> {
    if (key === null) return null;
    const { record, bytes } = await this.#options.cache.require(key);
    const name = record.importedFrom ?? `${record.info.kind} ${record.info.version ?? ''}`.trim();
    return { name, bytes, info: await inspectImage(bytes), record };
  }
}

/** Work on one Pi runs one after the other: it may stop and start the same Klipper. */
export function onPi(place: PlaceId): { readonly piId?: string } {
  const piId = piOf(place);
  return piId === null ? {} : { piId };
}

type BoardOrder = NonNullable<StationInput<'flash.start'>['board']>;

/** As `--preset` and the `presetId` of a job name it. */
export function referenceOf({ presetId, variantId }: BoardOrder): string {
  return variantId === null ? presetId : `${presetId}:${variantId}`;
}

function chipUidAt({ watch }: JobServices, place: PlaceId): string | null {
  const present = watch.at(place);
  return present === null ? null : chipUid(present.device);
}

/** The one variant of a preset that a person chose. Throws `preset/unknown`. */
export function variantOf(
  presets: readonly Preset[],
  { presetId, variantId }: { presetId: string; variantId: string },
): PresetChoice {
  return findPreset(presets, `${presetId}:${variantId}`);
}
