import { isCanopusError } from '../../../app/errors.ts';
import type { BoardFacts } from '../../../app/history/board-facts.ts';
import type { RunImage } from '../../../app/history/run-record.ts';
import type { ConfigMcu } from '../../../app/pi/config-mcus.ts';
import { nodeAt } from '../../../app/place.ts';
import { nothingKnown, type McuKnowledge } from '../../../app/printer/survey.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import type { HistoryAccess } from '../../history/history-access.ts';
import type { History } from '../../history/history.ts';

/** What the history and the cache of this station say of an MCU. */
export async function knownMcu(
  history: Pick<HistoryAccess, 'open'>,
  cache: Pick<ImageCache, 'get'>,
  mcu: ConfigMcu,
): Promise<McuKnowledge> {
  const known = readable(() => writtenTo(history.open(), mcu));
  if (known === null) return nothingKnown;
  const { presetId, variantId, image } = known;
  const preset = presetId === null ? null : { presetId, variantId };
  const key = image?.key ?? null;
  const kept = key === null ? null : await cache.get(key);
  const former =
    key === null || kept === null || image === null
      ? null
      : { key, sha256: image.sha256, version: image.version };
  return { mcu: known.mcu, preset, former };
}

/** What a chip was, and what it holds by the records. */
interface Written {
  readonly mcu: string | null;
  readonly presetId: string | null;
  readonly variantId: string | null;
  /** Null if none was verified, or a later run may have changed it. */
  readonly image: RunImage | null;
}

function writtenTo(history: Pick<History, 'what' | 'page'>, mcu: ConfigMcu): Written | null {
  const options = { against: null, cached: new Set<string>() };
  if (mcu.kind === 'serial') {
    const uid = mcu.device?.uid ?? null;
    const facts = uid === null ? null : history.what({ uid, canbusUuid: null }, options);
    return facts === null ? null : writtenBy(facts);
  }
  const { canbusUuid } = mcu;
  if (canbusUuid === null) return null;
  const facts = history.what({ uid: null, canbusUuid }, options);
  return facts === null ? writtenToNode(history, canbusUuid) : writtenBy(facts);
}

const writtenBy = ({ mcu, presetId, variantId, application, disturbed }: BoardFacts): Written => ({
  ...{ mcu, presetId, variantId },
  image: disturbed ? null : (application?.image ?? null),
});

/** More runs than one node has seen matter little: the newest decide. */
const maxRuns = 50;

/** A node never reports its UID, which the facts of a board are kept by: its runs are those at its place on a bus. */
function writtenToNode(history: Pick<History, 'page'>, canbusUuid: string): Written | null {
  const { runs } = history.page({ text: canbusUuid, boards: 'all' }, maxRuns);
  const own = runs.filter(({ place }) => nodeAt(place)?.canbusUuid === canbusUuid);
  const [last] = own;
  if (last === undefined) return null;
  const touched = own
    .flatMap(({ images }) => images)
    .find(({ part, result }) => part === 'application' && result !== 'not-written');
  const board = own.find(({ presetId }) => presetId !== null);
  return {
    mcu: last.mcu,
    presetId: board?.presetId ?? null,
    variantId: board?.variantId ?? null,
    image: touched?.result === 'verified' ? touched : null,
  };
}

/** A survey does not depend on an unreadable history; that was reported on opening. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isCanopusError(error)) return null;
    throw error;
  }
}
