import type { PlanView } from './plan-view.ts';

/** A plan in one sentence: what changes, and what stops meanwhile. Empty for a plan without steps. */
export function planHeadline(steps: PlanView['steps']): string {
  if (steps.length === 0) return '';
  const count = { created: 0, changed: 0, removed: 0, run: 0 };
  const restarted: string[] = [];
  for (const step of steps) {
    if (step.kind === 'command') count.run += 1;
    else if (step.kind === 'klipper') restarted.push(step.printer?.name ?? '');
    else if (step.before === null) count.created += 1;
    else if (step.after === null) count.removed += 1;
    else count.changed += 1;
  }
  const doings = [
    counted(count.created, 'new file'),
    counted(count.changed, 'changed file'),
    counted(count.removed, 'removed file'),
    counted(count.run, 'command'),
  ].filter((each) => each !== null);
  const restarts = restarted.map((name) => (name === '' ? 'Klipper' : `Klipper of ${name}`));
  const sentences = [
    ...(doings.length > 0 ? [`${listed(doings)}.`] : []),
    ...(restarts.length > 0
      ? [`${listed(restarts)} ${restarts.length === 1 ? 'restarts' : 'restart'}.`]
      : []),
  ];
  return sentences.join(' ');
}

function counted(count: number, noun: string): string | null {
  if (count === 0) return null;
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const list = new Intl.ListFormat('en', { type: 'conjunction' });

function listed(parts: readonly string[]): string {
  return list.format(parts);
}
