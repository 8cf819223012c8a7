import type { CanbusUuidSource } from '../boards/canbus-uuid-source.ts';
import { decodeConfigText } from '../printer-config/config-text.ts';
import type { PiPlan, PlanNote } from './plan-types.ts';

/**
 * The plan with a note for each canbus_uuid that it writes and that was only computed from the chip. `sourceOf` returns
 * the recorded source of a UUID; null, and so no note, if there is none.
 */
export function withUuidNotes(
  plan: PiPlan,
  sourceOf: (canbusUuid: string) => CanbusUuidSource | null,
): PiPlan {
  const notes = plan.goal.boards
    .filter(({ canbusUuid }) => writes(plan, canbusUuid) && sourceOf(canbusUuid) === 'computed')
    .map(({ section, canbusUuid }): PlanNote => {
      const text = `The canbus_uuid ${canbusUuid} of [${section}] is computed from the chip and was not confirmed: the firmware may have been built with another one. If Klipper does not find the board, ask the bus with canbus_query.py.`;
      return { kind: 'note', text };
    });
  return notes.length === 0 ? plan : { ...plan, notes: [...plan.notes, ...notes] };
}

function writes({ steps }: PiPlan, canbusUuid: string): boolean {
  const has = (bytes: Uint8Array | null): boolean =>
    bytes !== null && decodeConfigText(bytes).text.toLowerCase().includes(canbusUuid);
  return steps.some((step) => step.kind === 'file' && has(step.after) && !has(step.before));
}
