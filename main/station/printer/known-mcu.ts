import { isCanopusError } from '../../../app/errors.ts';
import type { BoardFacts } from '../../../app/history/board-facts.ts';
import type { ConfigMcu } from '../../../app/pi/config-mcus.ts';
import { nothingKnown, type McuKnowledge } from '../../../app/printer/survey.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import type { HistoryAccess } from '../../history/history-access.ts';

/** What the history and the cache of this station say of an MCU. */
export async function knownMcu(
  history: Pick<HistoryAccess, 'open'>,
  cache: Pick<ImageCache, 'get'>,
  mcu: ConfigMcu,
): Promise<McuKnowledge> {
  const facts = lookUp(history, mcu);
  if (facts === null) return nothingKnown;
  const { presetId, variantId, application, disturbed } = facts;
  const preset = presetId === null ? null : { presetId, variantId };
  const image = disturbed ? null : (application?.image ?? null);
  const key = image?.key ?? null;
  const kept = key === null ? null : await cache.get(key);
  const former =
    key === null || kept === null || image === null
      ? null
      : { key, sha256: image.sha256, version: image.version };
  return { mcu: facts.mcu, preset, former };
}

function lookUp(history: Pick<HistoryAccess, 'open'>, mcu: ConfigMcu): BoardFacts | null {
  const code =
    mcu.kind === 'can'
      ? { uid: null, canbusUuid: mcu.canbusUuid }
      : { uid: mcu.device?.uid ?? null, canbusUuid: null };
  if (code.uid === null && code.canbusUuid === null) return null;
  try {
    return history
      .open()
      .what(
        code.uid === null
          ? { uid: null, canbusUuid: code.canbusUuid ?? '' }
          : { uid: code.uid, canbusUuid: null },
        { against: null, cached: new Set() },
      );
  } catch (error) {
    // A survey does not depend on an unreadable history; that was reported on opening.
    if (isCanopusError(error)) return null;
    throw error;
  }
}
