import { CanopusError } from '../errors.ts';
import { usualRole, type BoardRole } from './board-role.ts';

/**
 * Throws `preset/node-in-two-steps` for a board that becomes a node: once its Katapult is written it leaves USB for its
 * bus, so that no order over USB can write both images and see it run.
 */
export function refuseNode(preset: {
  readonly id: string;
  readonly name: string;
  readonly roles: { readonly value: readonly BoardRole[] };
}): void {
  if (usualRole(preset) !== 'node') return;
  const message = `${preset.name} becomes a CAN node: it leaves USB as soon as Katapult is on it.`;
  throw new CanopusError('preset/node-in-two-steps', message, { preset: preset.id }, { state: 'untouched' });
}
