import type { CanbusUuidSource } from '../../app/boards/canbus-uuid-source.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { HistoryAccess } from './history-access.ts';

/** Where the latest run with this canbus_uuid knew it from; null where no run says, and where there is no history. */
export function recordedUuidSource(
  access: Pick<HistoryAccess, 'open'>,
  canbusUuid: string,
): CanbusUuidSource | null {
  try {
    const [run] = access.open().page({ canbusUuid, boards: 'all' }, 1).runs;
    return run?.canbusUuidSource ?? null;
  } catch (error) {
    // A plan is worth no less for a history that cannot be read; that was said when it was opened.
    if (isCanopusError(error)) return null;
    throw error;
  }
}
