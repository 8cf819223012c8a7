import * as z from 'zod/mini';
import { CanopusError } from '../errors.ts';
import { piWishesSchema, wishedBoardSchema, type PiWishes } from '../pi/plan-types.ts';
import type { Plain } from '../plain.ts';
import { canbusUuidSchema } from '../units.ts';
import type { FlowState } from './flow-state.ts';

/** A board without a canbus_uuid is the flow's own: only the station names it, and no window can name another. */
const flowBoardWishSchema = z.extend(wishedBoardSchema, { canbusUuid: z.nullable(canbusUuidSchema) });

/** What a person wishes for the Pi of a flow. */
export const flowWishesSchema = z.extend(piWishesSchema, { boards: z.array(flowBoardWishSchema) });

export type FlowWishes = Plain<z.infer<typeof flowWishesSchema>>;

/** The Pi and the wishes of a flow, with its own board named. Throws `usage/invalid` before there are both. */
export function piOrderOf(flow: FlowState, wishes: FlowWishes): { id: string; wishes: PiWishes } {
  const { pi, canbusUuid } = flow;
  if (pi === null) throw new CanopusError('usage/invalid', 'No Pi is chosen for this board.');
  const boards = wishes.boards.map(({ section, canbusUuid: other }) => {
    const named = other ?? canbusUuid;
    if (named !== null) return { section, canbusUuid: named };
    throw new CanopusError('usage/invalid', `The board for [${section}] has no canbus_uuid yet.`, {
      section,
    });
  });
  return { id: pi.piId, wishes: { ...wishes, boards } };
}
