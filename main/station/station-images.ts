import { recipeForBoard } from '../../app/build/board-recipe.ts';
import { applicationAddress, type Recipe } from '../../app/build/recipe.ts';
import type { BoardRole } from '../../app/boards/board-role.ts';
import type { PresetChoice } from '../../app/boards/preset.ts';
import { isMcuName } from '../../app/mcu/mcu.ts';
import type { ListedImage } from '../../app/build/image-record.ts';
import { exportRecord, type ExportedRecord } from '../../app/build/exported-record.ts';
import { maxListedImages } from '../../app/contract/entries/images.ts';
import type { StationOutput } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import { expectationOf } from '../../app/image/board-expectation.ts';
import type { RunnableImages } from '../../app/image/image-parts.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { findProblems, presetTarget } from '../../app/image/check-image.ts';
import type { ImageProblem } from '../../app/image/image-problem.ts';
import { pruneCache } from '../firmware/cache-upkeep.ts';
import { defaultKeptTrees, type FirmwareService } from '../firmware/firmware-service.ts';
import { makeKatapultImage, makeKlipperImage } from '../sim/sample-images.ts';

/** The version in sample images; an image with it is never written to a real chip. */
export const sampleVersion = 'v0.0.0-0-gvirtual';

/** The images of the station's cache as windows see them. */
export class StationImages {
  readonly #firmware: FirmwareService;

  constructor(firmware: FirmwareService) {
    this.#firmware = firmware;
  }

  /** Last used first, as many as one message holds. */
  async list(): Promise<ListedImage[]> {
    return (await this.#firmware.cache.list()).slice(0, maxListedImages);
  }

  /** Everything known about one image, just verified. Throws `cache/unknown-image`. */
  async inspect(key: string): Promise<StationOutput<'images.inspect'>> {
    const { cache } = this.#firmware;
    const { record, bytes } = await cache.require(key);
    const [pins, held, config, log, info] = await Promise.all([
      cache.pins(),
      cache.held(),
      this.#text(record.build?.config),
      this.#text(record.build?.log),
      inspectImage(bytes),
    ]);
    const pinned = pins.has(key);
    const image = { record, pinned, held: held.has(info.sha256), lastUsedAt: new Date().toISOString() };
    return { image, config, log, constants: constantsOf(info.dictionary) };
  }

  /** Throws `cache/unknown-image` or `image/no-record`. */
  async record(key: string): Promise<ExportedRecord> {
    const { record } = await this.#firmware.cache.require(key);
    const configuration = await this.#text(record.build?.config);
    const exported = configuration === null ? null : exportRecord(record, configuration);
    if (exported !== null) return exported;
    throw new CanopusError('image/no-record', `Image ${key.slice(0, 12)} was not built by Canopus.`, { key });
  }

  async usage(): Promise<StationOutput<'images.usage'>> {
    const { cache, cap } = this.#firmware;
    const [keys, bytes] = await Promise.all([cache.keys(), cache.objects.totalBytes()]);
    return { images: keys.length, bytes, maxBytes: cap.maxBytes };
  }

  /** The only key with this beginning. Throws `cache/unknown-image` if there is none, or several. */
  async find(start: string): Promise<{ key: string }> {
    const found = (await this.#firmware.cache.keys()).filter((key) => key.startsWith(start.toLowerCase()));
    const [key] = found;
    if (key !== undefined && found.length === 1 && start.length >= 4) return { key };
    const message =
      found.length > 1
        ? `${found.length} images have a key that begins with ${start}.`
        : `No image has the key ${start}.`;
    throw new CanopusError('cache/unknown-image', message, { key: start });
  }

  /** Removes images and, on this computer, source trees that were not used lately. */
  async prune(maxBytes: number, signal: AbortSignal): Promise<StationOutput<'images.prune'>> {
    const { cache } = this.#firmware;
    const { removed, bytesBefore, bytesAfter } = await pruneCache(cache, { maxBytes }, signal);
    await this.#firmware.pruneSources(defaultKeptTrees, signal);
    return { removed: removed.map(({ record }) => record.key), bytesBefore, bytesAfter };
  }

  /** A lost or damaged part is no reason to refuse the rest; `verify` drops such an image. */
  async #text(sha256: string | undefined): Promise<string | null> {
    if (sha256 === undefined) return null;
    const bytes = await this.#firmware.cache.objects.read(sha256).catch(() => null);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }

  /** Of a file that a person chose. */
  async import(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<ListedImage> {
    const { record } = await this.#firmware.importUpload(bytes, name, signal);
    return { record, pinned: false, held: false, lastUsedAt: new Date().toISOString() };
  }

  /** What contradicts each image for a board, whichever way it would be written. */
  async check(choice: PresetChoice): Promise<Record<string, ImageProblem[]>> {
    const board = expectationOf(choice);
    const problems: Record<string, ImageProblem[]> = {};
    for (const { record } of await this.list()) {
      const info = { ...record.info, dictionary: null };
      const found =
        info.kind === 'katapult'
          ? findProblems(info, board, { through: 'dfu' })
          : findProblems(info, board, {
              through: 'katapult',
              ...presetTarget(info, board),
            });
      problems[record.key] = [...found];
    }
    return problems;
  }

  /** Sample Katapult and Klipper that fit a board and that virtual boards run. */
  async addSamples(choice: PresetChoice, role: BoardRole | null = null): Promise<RunnableImages<string>> {
    const { recipe } = recipeForBoard(choice, {
      role,
      canPins: choice.preset.canPins.value ?? firstPins(choice),
    });
    const options = { mcu: sampleMcu(recipe), crystalHz: recipe.crystalHz, version: sampleVersion };
    const address = applicationAddress(recipe);
    const [bootloader, application] = await Promise.all([
      this.#firmware.importImage(
        makeKatapultImage({
          ...options,
          launchAddress: address,
          over: recipe.role === 'node' ? 'can' : 'usb',
          bitrateBps: recipe.bitrateBps,
        }),
        'katapult (virtual)',
      ),
      this.#firmware.importImage(
        makeKlipperImage({
          ...options,
          applicationAddress: address,
          role: recipe.role === 'usb' ? 'none' : recipe.role,
          bitrateBps: recipe.bitrateBps,
          pins: recipe.canPins ?? firstPins(choice),
        }),
        'klipper (virtual)',
      ),
    ]);
    return { bootloader: bootloader.record.key, application: application.record.key };
  }
}

/** The `config` entries of Klipper's dictionary (Klipper's Protocol.md, "Declaring constants"). */
function constantsOf(dictionary: Readonly<Record<string, unknown>> | null): Record<string, string> {
  const config = dictionary?.['config'];
  if (typeof config !== 'object' || config === null) return {};
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  );
}

function firstPins({ preset }: PresetChoice): readonly [string, string] {
  return preset.canPinChoices?.value[0] ?? ['PD0', 'PD1'];
}

function sampleMcu({
  mcu,
}: Recipe): Parameters<typeof makeKatapultImage>[0] extends { mcu?: infer M } | undefined ? M : never {
  if (isMcuName(mcu)) return mcu;
  throw new CanopusError('recipe/invalid', `There are no virtual boards with an ${mcu}.`, { mcu });
}
