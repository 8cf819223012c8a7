import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { variantOf } from '../flash-jobs.ts';
import type { StationServices } from '../station-services.ts';

type CardCalls = Pick<StationHandlers, Extract<keyof StationHandlers, `cards.${string}`>>;

/** The entries of the contract about SD cards. */
export function cardHandlers({ cards, presets }: Pick<StationServices, 'cards' | 'presets'>): CardCalls {
  return {
    'cards.list': (_, { signal }) => cards.list(signal),
    'cards.check': (choice) => cards.check(variantOf(presets, choice)),
    'cards.writeUf2': (order, { signal }) => cards.writeUf2(order, signal),
    'cards.write': (order, { signal }) => cards.write(order, signal),
  };
}
