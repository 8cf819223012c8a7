import type { PlaceId } from '../../app/place.ts';
import type { BoardIdentity } from '../../app/boards/canbus-uuid-source.ts';
import type { RunKind } from '../../app/history/run-record.ts';
import { toCanopusError, type CanopusError } from '../../app/errors.ts';
import type { Images } from '../../app/image/image-parts.ts';
import type { LoadedImage } from './board-images.ts';
import type { FlashBoardEvent } from './board-event.ts';

/** What a run is about to do, written down before it does it. */
export interface RunPlan {
  readonly kind: RunKind;
  readonly place: PlaceId;
  /** The slot of the bench on this port, if it has a name. */
  readonly slot?: string | null;
  /** The chip's UID if it is already known. */
  readonly uid?: string | null;
  /** Null if it is unknown which board it is. */
  readonly board: { readonly presetId: string; readonly variantId: string | null } | null;
  /** None for a restore. */
  readonly images: Images<LoadedImage>;
  /** The backup that it restores. */
  readonly backupId?: string | null;
  readonly operator: string | null;
  readonly isVirtual: boolean;
}

/** The purpose of an order. */
export function runKindOf({ bootloader, application }: Images<unknown>): RunKind {
  if (application === null) return 'install-katapult';
  return bootloader === null ? 'install-klipper' : 'flash-board';
}

/** Records what is done to boards. Every call is on disk when it returns, also for a kill and a power cut. */
export interface RunRecorder {
  begin(plan: RunPlan): RunEntry;
}

/** One run in the making. */
export interface RunEntry {
  /** As the history has it. */
  readonly id: number;
  /** Call it before doing what the event announces. */
  take(event: FlashBoardEvent): void;
  /** Other images than planned are about to be written. */
  images(images: RunPlan['images']): void;
  /** With what the board last reported about itself. */
  done(board: BoardIdentity): void;
  failed(error: CanopusError): void;
}

/**
 * The only way to work on a board: begins a record, keeps it current with every event, ends it with the outcome of the
 * work. `work` gets the number of the run, null if there is no history, and a function to call before it writes other
 * images than planned. A history that cannot be written is reported as a note, once; the board is done anyway.
 */
export async function recordRun<R extends BoardIdentity>(
  recorder: RunRecorder | null,
  plan: RunPlan,
  onEvent: (event: FlashBoardEvent) => void,
  work: (
    onEvent: (event: FlashBoardEvent) => void,
    runId: number | null,
    onImages: (images: RunPlan['images']) => void,
  ) => Promise<R>,
): Promise<R> {
  let entry: RunEntry | null = null;
  const keep = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      entry = null;
      const { message } = toCanopusError(error);
      onEvent({ type: 'note', text: `The history does not have all of this run: ${message}` });
    }
  };
  let runId: number | null = null;
  keep(() => {
    entry = recorder?.begin(plan) ?? null;
    runId = entry?.id ?? null;
  });
  const tell = (event: FlashBoardEvent): void => {
    keep(() => entry?.take(event));
    onEvent(event);
  };
  try {
    const report = await work(tell, runId, (images) => keep(() => entry?.images(images)));
    keep(() => entry?.done(report));
    return report;
  } catch (error) {
    keep(() => entry?.failed(toCanopusError(error)));
    throw error;
  }
}
