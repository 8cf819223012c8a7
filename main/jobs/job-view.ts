import type { JobEvent, JobView } from '../../app/contract/station-contract.ts';

/** A sight of an awaited board is outdated once the board appears, or is worked on. */
const nothingSeen = { sight: null, offer: null } as const;

/** The view of a finished job: with the board's UUID from the report, which may not be the chip's. */
export function jobWithReport(view: JobView, report: JobView['report']): JobView {
  if (report?.kind !== 'flash-board') return { ...view, report };
  const { canbusUuid, canbusUuidSource } = report;
  return { ...view, report, canbusUuid, canbusUuidSource };
}

/** The view of a job after one more event. */
export function jobAfter(view: JobView, event: JobEvent, at: string): JobView {
  switch (event.type) {
    case 'step':
      return { ...view, step: event.step, phase: null, progress: null, ask: null, ...nothingSeen };
    case 'phase':
      return {
        ...view,
        phase: event.phase,
        safeToStop: event.safeToStop,
        progress: null,
        ask: null,
        ...nothingSeen,
      };
    case 'progress': {
      const { phase, bytesDone, bytesTotal } = event;
      const startedAt = view.progress?.phase === phase ? view.progress.startedAt : at;
      return { ...view, progress: { phase, bytesDone, bytesTotal, startedAt } };
    }
    case 'ask':
      return { ...view, ask: event.ask, phase: null, progress: null };
    case 'sight': {
      const { sight, builtForHz } = event;
      return { ...view, sight: { sight, builtForHz }, phase: null, progress: null };
    }
    case 'offer':
      return { ...view, offer: event.crystalsHz };
    case 'search': {
      const { stage, crystalHz, left } = event;
      return { ...view, search: { stage, crystalHz, left }, ask: null, ...nothingSeen };
    }
    case 'seen':
      return {
        ...view,
        ask: null,
        ...nothingSeen,
        phase: null,
        progress: null,
        uid: event.uid ?? view.uid,
        canbusUuid: event.canbusUuid ?? view.canbusUuid,
        canbusUuidSource: event.canbusUuid === null ? view.canbusUuidSource : 'computed',
      };
    case 'backup':
      return { ...view, backupId: event.backupId };
    case 'ended':
      return {
        ...view,
        status: event.status,
        error: event.error,
        endedAt: at,
        phase: null,
        progress: null,
        ask: null,
        ...nothingSeen,
        search: null,
        build: null,
        piStep: null,
        safeToStop: true,
      };
    case 'build-phase':
      return { ...view, build: { target: event.target, phase: event.phase } };
    case 'pi-step': {
      const { index, steps, what } = event;
      return { ...view, piStep: { index, steps, what } };
    }
    case 'pi-proof':
      return { ...view, proofs: [...view.proofs.filter(({ proof }) => proof !== event.proof), event] };
    case 'pi-journal':
    case 'target':
    case 'erasing':
    case 'note':
    case 'line':
    case 'cached':
      return view;
  }
}
