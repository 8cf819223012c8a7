import { unifiedDiff } from '../../../app/pi/diff.ts';
import { planHeadline } from '../../../app/pi/plan-headline.ts';
import type { PlanView } from '../../../app/pi/plan-view.ts';
import { rebuildWords } from './show-pi.ts';

const indent = (text: string): string => text.replace(/^/gm, '    ');

/** `host`: as `--host` names the Pi. */
export function showPlan(plan: PlanView, host: string): string {
  const parts: string[] = [];
  for (const { kind, text, rebuild } of plan.notes) {
    parts.push(`${kind === 'warning' ? 'Warning' : 'Note'}: ${text}`);
    if (rebuild !== undefined) parts.push(indent(rebuildWords(rebuild, host)));
  }
  parts.push(plan.steps.length === 0 ? 'Nothing to do.' : planHeadline(plan.steps));
  for (const [index, step] of plan.steps.entries()) {
    const root = step.asRoot ? ' (as root)' : '';
    const head = `${index + 1}. `;
    switch (step.kind) {
      case 'file': {
        const diff = unifiedDiff(step.path, step.before, step.after).trimEnd();
        parts.push(`\n${head}${step.path}${root}\n   ${step.reason}\n${indent(diff)}`);
        break;
      }
      case 'command':
        parts.push(`\n${head}${step.argv.join(' ')}${root}\n   ${step.reason}`);
        break;
      case 'klipper':
        parts.push(
          `\n${head}restart Klipper${step.printer === undefined ? '' : ` of ${step.printer.name}`} through ${step.via}${root}\n   ${step.reason}`,
        );
        break;
    }
  }
  if (plan.steps.length > 0) parts.push(`\nUndo restores every file${undoWords(plan.undo)}.`);
  for (const { code, text } of plan.blockers) parts.push(`\nNot possible now: ${text} (${code})`);
  return parts.join('\n');
}

function undoWords(undo: PlanView['undo']): string {
  const words = undo.map((step) => {
    if (step.kind === 'command') return step.argv.join(' ');
    return step.kind === 'klipper' ? 'restart Klipper' : step.path;
  });
  return words.length === 0 ? '' : `; around that it runs: ${words.join(', ')}`;
}
