import type { CanbusUuidSource } from '../../app/boards/canbus-uuid-source.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { HistoryAccess } from './history-access.ts';

/** The source of this canbus_uuid in the latest run that has it; null if no run says, or there is no history. */
export function recordedUuidSource(
  access: Pick<HistoryAccess, 'open'>,
  canbusUuid: string,
): CanbusUuidSource | null {
  try {
    const [run] = access.open().page({ canbusUuid, boards: 'all' }, 1).runs;
    return run?.canbusUuidSource ?? null;
  } catch (error) {
    // A plan does not depend on an unreadable history; that was reported on opening.
    if (isCanopusError(error)) return null;
    throw error;
  }
}
