import { findPreset } from '../../../app/boards/preset.ts';
import { requireCardWay } from '../../../app/cards/card-way.ts';
import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { writeToCard } from '../../cards/write-card.ts';
import { referenceOf } from '../flash-jobs.ts';
import type { StationServices } from '../station-services.ts';

type CardCalls = Pick<StationHandlers, Extract<keyof StationHandlers, `cards.${string}`>>;

/** The entries of the contract about SD cards. */
export function cardHandlers({
  cards,
  presets,
  firmware,
}: Pick<StationServices, 'cards' | 'presets' | 'firmware'>): CardCalls {
  return {
    'cards.list': async (_, { signal }) =>
      (await cards.list(signal)).filter(({ isRemovable }) => isRemovable),
    'cards.write': async ({ card, board, image, confirmations }, { signal }) => {
      const choice = findPreset(presets, referenceOf(board));
      const { bytes } = await firmware.cache.require(image);
      const info = await inspectImage(bytes);
      const { fileName } = requireCardWay(choice, info, confirmations);
      const written = await writeToCard(cards, { card, fileName, bytes, signal });
      return { ...written, fileName, bytes: bytes.length, sha256: info.sha256 };
    },
  };
}
