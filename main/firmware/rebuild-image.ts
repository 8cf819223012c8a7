import { compareRebuild, type Rebuilt, type RebuildVerdict } from '../../app/build/compare-rebuild.ts';
import type { ExportedRecord } from '../../app/build/exported-record.ts';
import { parseFirmwareSource, type FirmwareSource } from '../../app/build/firmware-source.ts';
import { formatKconfig } from '../../app/build/kconfig.ts';
import { officialSources } from '../../app/build/official-sources.ts';
import { CanopusError, isCanopusError, type ErrorCode } from '../../app/errors.ts';
import type { BuildOptions, BuildRequest } from './build-request.ts';
import type { Compiled } from './make-image.ts';

/** What keeps this computer from building, as opposed to a build that fails. */
const notHere = [
  ...['toolchain/missing', 'toolchain/too-old', 'build/no-builder', 'build/known-fault'],
  ...['source/unreachable', 'source/unknown-ref', 'source/invalid'],
] as readonly ErrorCode[];

export interface RebuildOrder {
  readonly record: ExportedRecord;
  /** Where the sources are if not where the record says; as `parseFirmwareSource` reads it. */
  readonly source: string | null;
  readonly on: string;
}

/**
 * Builds the image of a record again, never from the cache, and holds it against the record. Throws
 * `image/not-rebuildable` if that cannot be done here, and what the build throws.
 */
export async function rebuildImage(
  { record, source, on }: RebuildOrder,
  build: (request: BuildRequest, options: BuildOptions) => Promise<Compiled>,
  options: BuildOptions,
): Promise<RebuildVerdict> {
  const { target, recipe } = record;
  const request: BuildRequest = {
    target,
    recipe,
    presetId: null,
    source: source === null ? sourceOf(record) : parseFirmwareSource(source),
    on,
  };
  try {
    return compareRebuild(record, rebuiltOf(await build(request, options)));
  } catch (error) {
    if (error instanceof CanopusError && notHere.some((code) => isCanopusError(error, code))) {
      throw notRebuildable(error.message, error);
    }
    throw error;
  }
}

function sourceOf({ source, target }: ExportedRecord): FirmwareSource {
  if (source.dirty) {
    throw notRebuildable('It was built from changed sources, which are only where that was done.');
  }
  if (source.commit === null) throw notRebuildable('The record names no commit.');
  const official = officialSources[target];
  const url = source.location === '' && official.type === 'git' ? official.url : source.location;
  return parseFirmwareSource(`${url}@${source.commit}`);
}

function rebuiltOf({ info, resolved, toolchain, snapshot }: Compiled): Rebuilt {
  const { treeId, version } = snapshot;
  const { sha256, size } = info;
  return { sha256, size, treeId, version, configuration: formatKconfig(resolved), toolchain };
}

function notRebuildable(why: string, cause?: unknown): CanopusError {
  return new CanopusError(
    'image/not-rebuildable',
    `The image cannot be built again here. ${why}`,
    {},
    { cause },
  );
}
