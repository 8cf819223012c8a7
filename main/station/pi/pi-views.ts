import type {
  PiChangeView,
  PiPlanView,
  PiView,
  StationOutput,
} from '../../../app/contract/station-contract.ts';
import { toWireError } from '../../../app/contract/frames.ts';
import { parseJournal } from '../../../app/pi/journal.ts';
import type { JournalFacts } from '../../../app/pi/facts.ts';
import type { PiPlan } from '../../../app/pi/plan-types.ts';
import type { UndoFile } from '../../../app/pi/standing.ts';
import { decodeConfigText } from '../../../app/printer-config/config-text.ts';
import type { LinkStatus } from './pi-link.ts';
import type { PiRecord } from './pi-record.ts';

export const virtualPiId = 'virtual';

export const virtualPiView: PiView = {
  id: virtualPiId,
  name: 'Virtual Pi',
  host: 'virtual-pi',
  user: 'pi',
  port: null,
  keyFile: null,
  isVirtual: true,
  status: 'away',
  error: null,
};

/** A Pi as windows see it. */
export function viewOf({ id, name, host, user, port, keyFile }: PiRecord): PiView {
  return { id, name, host, user, port, keyFile, isVirtual: false, status: 'away', error: null };
}

export function withStatus(view: PiView, { status, error }: LinkStatus): PiView {
  return { ...view, status, error: error === null ? null : toWireError(error) };
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : decodeConfigText(bytes).text;
}

export function planView(planId: string, plan: PiPlan): PiPlanView {
  const { stack, notes, blockers, goal } = plan;
  const steps = plan.steps.map((step): PiPlanView['steps'][number] => {
    const { reason, asRoot } = step;
    switch (step.kind) {
      case 'file': {
        const { kind, path, before, after } = step;
        return { kind, path, reason, asRoot, before: textOf(before), after: textOf(after) };
      }
      case 'command':
        return { kind: step.kind, argv: step.argv, reason, asRoot };
      case 'klipper':
        return { kind: step.kind, via: step.via, unit: step.unit, reason, asRoot };
    }
  });
  return { planId, stack, steps, notes, blockers, goal };
}

/** The changes of a Pi, the last one first. A journal that cannot be read is one that cannot be taken back here. */
export function changeViews(journals: readonly JournalFacts[]): PiChangeView[] {
  return journals
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .map(({ id, state, text }) => {
      try {
        const { begun, steps, goal } = parseJournal(text);
        const files = steps.flatMap((step) => (step.kind === 'file' ? [step.path] : []));
        return { id, state, begun, files, goal };
      } catch {
        return { id, state, begun: null, files: [], goal: null };
      }
    });
}

export function undoFileViews(files: readonly UndoFile[]): StationOutput<'pi.change'> {
  return files.map(({ path, standing, now, before }) => ({
    path,
    standing,
    now: textOf(now),
    before: textOf(before),
  }));
}
