import { bundlePieceBytes, maxBundleBytes } from '../../../app/contract/entries/bundles.ts';
import type { BuildEvent } from '../../../app/build/build-event.ts';
import type { StationEvent, StationHandlers } from '../../../app/contract/station-contract.ts';
import { EventQueue } from '../../../app/contract/event-queue.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';
import { exportBundle, importBundle } from '../../firmware/cache-bundle.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
import { saveBundle } from '../bundle-file.ts';
import { rebuildImage, type RebuildOrder } from '../../firmware/rebuild-image.ts';
import { BundleUpload } from '../bundle-upload.ts';
import { variantOf } from '../flash-jobs.ts';
import type { HostFeatures } from '../host-features.ts';
import type { StationImages } from '../station-images.ts';

type ImageHandlers = Pick<
  StationHandlers,
  Extract<keyof StationHandlers, `images.${string}` | `bundles.${string}`>
>;

interface ImageServices {
  readonly presets: readonly Preset[];
  readonly firmware: FirmwareService;
  readonly images: StationImages;
}

/** The entries of the contract about the cache of images. Each window has its own. */
export function imageHandlers(services: ImageServices, host: HostFeatures): ImageHandlers {
  const { presets, firmware, images } = services;
  const upload = new BundleUpload(maxBundleBytes);
  return {
    'images.list': () => images.list(),
    'images.import': ({ name, base64 }, { signal }) =>
      images.import(Buffer.from(base64, 'base64'), name, signal),
    'images.inspect': ({ key }) => images.inspect(key),
    'images.record': ({ key }) => images.record(key),
    'images.rebuild': (order, { signal }) => rebuild(firmware, order, signal),
    'images.usage': () => images.usage(),
    'images.verify': (_, { signal }) => firmware.verify(signal),
    'images.check': (choice) => images.check(variantOf(presets, choice)),
    'images.find': ({ start }) => images.find(start),
    'images.read': async ({ key }) => {
      const { bytes } = await firmware.cache.require(key);
      return { base64: Buffer.from(bytes).toString('base64') };
    },
    'images.prune': ({ maxBytes }, { signal }) => images.prune(maxBytes, signal),
    'images.forget': ({ key }) => firmware.cache.forget(key),
    'images.pin': ({ key, pinned }) => (pinned ? firmware.cache.pin(key) : firmware.cache.unpin(key)),
    'images.sample': (choice) => images.addSamples(variantOf(presets, choice)),
    'bundles.export': ({ keys }) => pieces(firmware, keys),
    'bundles.save': async ({ keys }) => {
      if (host.chooseFolder === null) {
        throw new CanopusError('usage/invalid', 'This host has no dialog for folders.');
      }
      const folder = await host.chooseFolder();
      return folder === null ? null : saveBundle(firmware.cache, keys, folder);
    },
    'bundles.put': ({ at, base64 }) => upload.put(at, Buffer.from(base64, 'base64')),
    'bundles.import': async ({ name }, { signal }) => {
      const { added, known, signer } = await importBundle(firmware.cache, upload.take(), name, { signal });
      await firmware.cap.keep();
      return { added: added.map(({ key }) => key), known, signer };
    },
  };
}

async function* rebuild(
  firmware: FirmwareService,
  order: RebuildOrder,
  signal: AbortSignal,
): ReturnType<ImageHandlers['images.rebuild']> {
  const queue = new EventQueue<StationEvent<'images.rebuild'>>();
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'phase') queue.push({ type: 'phase', phase: event.phase });
    else if (event.type === 'note') queue.push({ type: 'note', text: event.text });
  };
  const options = { signal, onEvent };
  const work = rebuildImage(order, (request, each) => firmware.builder.compile(request, each), options);
  const ended = (): void => queue.end('done');
  work.then(ended, ended);
  for (let item = await queue.take(); item.type === 'event'; item = await queue.take()) yield item.value;
  const { isIdentical, differences } = await work;
  yield { type: 'result', isIdentical, differences: [...differences] };
}

async function* pieces(
  firmware: FirmwareService,
  keys: readonly string[] | null,
): ReturnType<ImageHandlers['bundles.export']> {
  const chosen = keys ?? (await firmware.cache.keys());
  const zip = await exportBundle(firmware.cache, chosen);
  yield { type: 'start', bytes: zip.length, images: chosen.length, keys: [...chosen] };
  for (let at = 0; at < zip.length; at += bundlePieceBytes) {
    const piece = zip.subarray(at, at + bundlePieceBytes);
    yield { type: 'piece', base64: Buffer.from(piece).toString('base64') };
  }
}
