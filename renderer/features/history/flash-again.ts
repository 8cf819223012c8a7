import type { PlaceId } from '../../../app/place.ts';
import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';

export type BoardFacts = NonNullable<StationOutput<'history.what'>>;

/** The images written to a board. */
type FlashedBefore = Pick<BoardFacts, 'presetId' | 'variantId'> & {
  readonly reflash: Pick<BoardFacts['reflash'], 'images'>;
};

/** True if the exact images on a board are still available, and it is known which board it is. */
export function canFlashAgain({ presetId, variantId, reflash }: BoardFacts): boolean {
  return presetId !== null && variantId !== null && reflash.images !== null;
}

/**
 * Starts a flow that flashes exactly the same again: on the board's current port or, with null, wherever it
 * is plugged in. The flow asks for what must be confirmed. Returns the flow's id; throws as `flows.choose`
 * does.
 */
export async function flashAgain(
  client: StationClient,
  { presetId, variantId, reflash: { images } }: FlashedBefore,
  place: PlaceId | null,
): Promise<string | null> {
  if (presetId === null || variantId === null || images === null) return null;
  const { id } = await client.call('flows.start', { place });
  const board = { presetId, variantId };
  await client.call('flows.choose', { id, choice: { type: 'choose-board', board } });
  await client.call('flows.choose', { id, choice: { type: 'choose-images', images } });
  return id;
}
