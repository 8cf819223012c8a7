import { textOf, type CanSource } from './can-sources.ts';
import { isEffective } from './choose-stack.ts';
import { isOnlyAbout, withoutInterface } from './ifupdown.ts';
import type { PlanDraft } from './plan-draft.ts';

/** A rival in words: its file and what it does. */
export function describeSource(source: CanSource, interfaceName: string): string {
  const { path } = source.file;
  switch (source.kind) {
    case 'ifupdown': {
      const read = source.read ? '' : ', but ifupdown does not read this file';
      return `${path} configures ${interfaceName} for ifupdown${read}`;
    }
    case 'networkd':
      return `${path} configures ${interfaceName} for systemd-networkd`;
    case 'queue-rule':
      return `${path} sets the queue length of CAN interfaces to ${source.values.join(', ')}`;
    case 'unit':
      return `${path} is a unit that brings ${interfaceName} up`;
    case 'script': {
      const lines = source.lines.map((line) => String(line + 1)).join(', ');
      return `${path} configures ${interfaceName} in line ${lines}`;
    }
  }
}

/** Names a rival of the chosen stack and, if wished, removes it. */
export function removeRival(
  draft: PlanDraft,
  source: CanSource,
  stack: 'ifupdown' | 'networkd' | 'unit',
): void {
  const { interfaceName, removeRivals } = draft.wishes;
  const told = describeSource(source, interfaceName);
  const works = isEffective(draft.facts, source);
  const effect = works ? 'both would set it, and the last one wins' : 'it does nothing on this system now';
  if (!removeRivals) {
    draft.note(works ? 'warning' : 'note', `${told}; ${effect}.`);
    return;
  }
  const { path } = source.file;
  const reason = `a rival of the configuration for ${stack}: ${effect}`;
  switch (source.kind) {
    case 'ifupdown': {
      const whole = isOnlyAbout(source.parsed, interfaceName);
      draft.changeFile(path, whole ? null : withoutInterface(source.parsed, interfaceName), reason);
      break;
    }
    case 'networkd':
      draft.changeFile(path, null, reason);
      break;
    case 'unit':
      // The file stays: disabling is enough, and undo enables it again.
      draft.command(['systemctl', 'disable', '--now', source.name], reason);
      draft.undoAfter(['systemctl', 'enable', source.name], `${source.name} was enabled before`);
      break;
    case 'script': {
      const lines = textOf(source.file).split('\n');
      for (const line of source.lines) lines[line] = `#${lines[line] ?? ''}`;
      draft.changeFile(path, lines.join('\n'), reason);
      break;
    }
    case 'queue-rule':
      break;
  }
  draft.note('note', `${told}; ${effect}. It is removed, and undo restores it.`);
}
