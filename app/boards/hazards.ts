import { CanopusError } from '../errors.ts';

/** What is read of a hazard, also of a preset that came over the contract. */
interface Hazard {
  readonly text: string;
  readonly statedFor: string;
  readonly precaution?: true | undefined;
  readonly confirm: string | null;
}

interface WithHazards {
  readonly hazards: { readonly value: readonly Hazard[] | null };
}

/** For which variant or revision a hazard is stated, as a sentence. */
export function hazardScope({ statedFor, precaution }: Pick<Hazard, 'statedFor' | 'precaution'>): string {
  return precaution === true
    ? `Stated for ${statedFor}; shown here to be on the safe side.`
    : `Stated for ${statedFor}.`;
}

/** A hazard with its scope: what it is, and for which variant or revision that is stated. */
export function describeHazard(hazard: Hazard): string {
  return `${hazard.text} ${hazardScope(hazard)}`;
}

/** What a person has to confirm before a board is put into DFU: one sentence per hazard that asks for it. */
export function hazardConfirms({ hazards }: WithHazards): string[] {
  return (hazards.value ?? []).flatMap(({ confirm }) => confirm ?? []);
}

/** Throws `preset/hazards-not-confirmed`, `untouched`, where a hazard asks for a confirmation that was not given. */
export function requireHazardsConfirmed(
  preset: WithHazards & { readonly id: string; readonly name: string },
  confirmed: boolean,
): void {
  const sentences = hazardConfirms(preset);
  if (confirmed || sentences.length === 0) return;
  const hazards = (preset.hazards.value ?? []).filter(({ confirm }) => confirm !== null);
  const message = [preset.name, ...hazards.map(describeHazard), ...sentences].join('\n');
  const details = { preset: preset.id, sentences };
  throw new CanopusError('preset/hazards-not-confirmed', message, details, { state: 'untouched' });
}
