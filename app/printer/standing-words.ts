import type { UpdateJournal, UpdateJournalStep } from './update-journal.ts';

const list = new Intl.ListFormat('en', { type: 'conjunction' });

const words = {
  begun: 'to be written again',
  written: 'updated',
  back: 'as before',
  waiting: 'not changed yet',
} as const satisfies Readonly<Record<UpdateJournalStep['progress'], string>>;

/** How far an update is, in a sentence: "Updated: [mcu A]; to be written again: [mcu B]." */
export function standingWords({ steps }: Pick<UpdateJournal, 'steps'>): string {
  const parts = (['written', 'back', 'begun', 'waiting'] as const).flatMap((progress) => {
    const names = steps.filter((step) => step.progress === progress).map(({ name }) => `[${name}]`);
    return names.length === 0 ? [] : [`${words[progress]}: ${list.format(names)}`];
  });
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
