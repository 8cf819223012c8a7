import { bridgedNode, type PlaceId } from '../../app/place.ts';
import type { HistoryAccess } from './history-access.ts';
import type { RunRecord } from '../../app/history/run-record.ts';
import { isCanopusError } from '../../app/errors.ts';
import { builtBitrateOf, type ReadRecord } from './recorded-board.ts';

/** A node that a run wrote through a bridge. */
export interface RecordedNode {
  readonly canbusUuid: string;
  readonly presetId: string | null;
  /** What its last image was built for; null: unknown. */
  readonly bitrateBps: number | null;
}

/** More runs than one bus has seen matter little: the newest decide. */
const maxRuns = 200;

/** The nodes that were written through the bridge at a USB port, each by its newest run there that ended well. */
export async function nodesBehind(
  access: Pick<HistoryAccess, 'open'>,
  readRecord: ReadRecord,
  { bridge, isVirtual }: { readonly bridge: PlaceId; readonly isVirtual: boolean },
): Promise<readonly RecordedNode[]> {
  const newest = new Map<string, RunRecord>();
  for (const run of doneRuns(access, isVirtual)) {
    const node = bridgedNode(run.place);
    if (node?.bridge === bridge && !newest.has(node.canbusUuid)) newest.set(node.canbusUuid, run);
  }
  return await Promise.all(
    [...newest].map(async ([canbusUuid, { presetId, images }]) => {
      const application = images.find(({ part }) => part === 'application');
      const bitrateBps = application === undefined ? null : await builtBitrateOf(application, readRecord);
      return { canbusUuid, presetId, bitrateBps };
    }),
  );
}

function doneRuns(access: Pick<HistoryAccess, 'open'>, isVirtual: boolean): readonly RunRecord[] {
  try {
    const boards = isVirtual ? 'virtual' : 'real';
    return access.open().page({ text: 'can:', status: 'done', boards }, maxRuns).runs;
  } catch (error) {
    // Work does not depend on an unreadable history; that was reported on opening.
    if (isCanopusError(error)) return [];
    throw error;
  }
}
