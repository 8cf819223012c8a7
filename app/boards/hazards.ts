import { CanopusError } from '../errors.ts';

/** The fields of a hazard, also for a preset that came over the contract. */
interface Hazard {
  readonly text: string;
  readonly statedFor: string;
  readonly precaution?: true | undefined;
  readonly confirm: string | null;
}

interface WithHazards {
  readonly hazards: { readonly value: readonly Hazard[] | null };
}

/** The variant or revision that a hazard is stated for, as a sentence. */
export function hazardScope({ statedFor, precaution }: Pick<Hazard, 'statedFor' | 'precaution'>): string {
  return precaution === true ? `Stated for ${statedFor}; shown here to be safe.` : `Stated for ${statedFor}.`;
}

/** A hazard with its scope: what it is, and the variant or revision that it is stated for. */
export function describeHazard(hazard: Hazard): string {
  return `${hazard.text} ${hazardScope(hazard)}`;
}

/** What a person must confirm before a board is put into DFU: one sentence for each hazard that requires it. */
export function hazardConfirms({ hazards }: WithHazards): string[] {
  return (hazards.value ?? []).flatMap(({ confirm }) => confirm ?? []);
}

/** Throws `preset/hazards-not-confirmed`, `untouched`, if a required confirmation is missing. */
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
