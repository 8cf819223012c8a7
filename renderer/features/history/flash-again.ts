import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';

export type BoardFacts = NonNullable<StationOutput<'history.what'>>;

/** What was put on a board. */
export type FlashedBefore = Pick<BoardFacts, 'presetId' | 'variantId'> & {
  readonly reflash: Pick<BoardFacts['reflash'], 'images'>;
};

/** True where the very images that are on a board are at hand, and it is known which board it is. */
export function canFlashAgain({ presetId, variantId, reflash }: BoardFacts): boolean {
  return presetId !== null && variantId !== null && reflash.images !== null;
}

/**
 * Begins a flow that puts the very same on a board: on the port where it is now, or, with null, wherever it is plugged
 * in. The flow asks for what has to be confirmed. Answers the flow's id; rejects as `flows.choose` does.
 */
export async function flashAgain(
  client: StationClient,
  { presetId, variantId, reflash: { images } }: FlashedBefore,
  portPath: string | null,
): Promise<string | null> {
  if (presetId === null || variantId === null || images === null) return null;
  const { id } = await client.call('flows.start', { portPath });
  const board = { presetId, variantId };
  await client.call('flows.choose', { id, choice: { type: 'choose-board', board } });
  await client.call('flows.choose', { id, choice: { type: 'choose-images', images } });
  return id;
}
