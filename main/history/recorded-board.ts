import type { ImageRecord } from '../../app/build/image-record.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { BoardFacts } from '../../app/history/board-facts.ts';
import type { RunImage } from '../../app/history/run-record.ts';
import type { RecordedBoard } from '../../app/pi/recorded-board.ts';
import type { HistoryAccess } from './history-access.ts';

/** The record of an image in the cache by its key; null if the cache has none. */
export type ReadRecord = (key: string) => Promise<ImageRecord | null>;

/** What the history and the kept image say of the chip with this canbus_uuid; null if no run has it. */
export async function recordedBoard(
  access: Pick<HistoryAccess, 'open'>,
  readRecord: ReadRecord,
  canbusUuid: string,
): Promise<RecordedBoard | null> {
  const facts = lookUp(access, canbusUuid);
  if (facts === null) return null;
  const { presetId, variantId, application, disturbed } = facts;
  // A chip may have been written since with firmware that gives it another canbus_uuid.
  const isKnown = application !== null && !disturbed && facts.canbusUuid === canbusUuid;
  return {
    ...{ canbusUuid, presetId, variantId },
    version: isKnown ? application.image.version : null,
    bitrateBps: isKnown ? await builtBitrateOf(application.image, readRecord) : null,
  };
}

function lookUp(access: Pick<HistoryAccess, 'open'>, canbusUuid: string): BoardFacts | null {
  try {
    const history = access.open();
    const options = { against: null, cached: new Set<string>() };
    const named = history.what({ uid: null, canbusUuid }, options);
    return named === null ? null : history.what({ uid: named.uid, canbusUuid: null }, options);
  } catch (error) {
    // A plan does not depend on an unreadable history; that was reported on opening.
    if (isCanopusError(error)) return null;
    throw error;
  }
}

/** What the image's code sets, else what it was built for. */
export async function builtBitrateOf(
  { key, build }: RunImage,
  readRecord: ReadRecord,
): Promise<number | null> {
  const record = key === null ? null : await readRecord(key);
  const isBuilt = build !== null && build.target === 'klipper';
  return record?.info.can?.bitrateBps ?? (isBuilt ? build.recipe.bitrateBps : null);
}
