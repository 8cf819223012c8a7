import type { CanSource } from './can-sources.ts';
import { canSources } from './can-sources.ts';
import { canDevice } from './can-device.ts';
import { canScripts, withoutLines } from './can-scripts.ts';
import { isEffective } from './choose-stack.ts';
import { isOnlyAbout, withoutInterface } from './ifupdown.ts';
import { overriding } from './network-units.ts';
import { textOf } from './pi-files.ts';
import type { PlanDraft } from './plan-draft.ts';
import { rulesWithoutRuns } from './udev-rules.ts';

/** A rival in words: its file and what it does. */
export function describeSource(source: CanSource, interfaceName: string): string {
  if (source.kind === 'crontab') {
    return `The crontab of ${source.user} sets ${interfaceName} (${source.lines.join('; ')})`;
  }
  const { path } = source.file;
  switch (source.kind) {
    case 'ifupdown': {
      const read = source.read ? '' : ', but ifupdown does not read this file';
      return `${path} configures ${interfaceName} for ifupdown${read}`;
    }
    case 'networkd':
      return `${path} configures ${interfaceName} for systemd-networkd${source.isFirst ? '' : ', after another file that comes first'}`;
    case 'link': {
      const { txQueueLength, name } = source.parsed;
      const does = [
        ...(txQueueLength === null ? [] : [`sets the queue length of ${interfaceName} to ${txQueueLength}`]),
        ...(name === null ? [] : [`gives it the name ${name}`]),
      ].join(' and ');
      return `${path} ${does}${source.isFirst ? '' : ', where no other file comes first'}`;
    }
    case 'netdev':
      return `${path} makes a virtual interface with the name ${interfaceName}`;
    case 'queue-rule':
      return `${path} sets the queue length of CAN interfaces to ${source.values.join(', ')}`;
    case 'run-rule':
      return `${path} has udev bring ${interfaceName} up (line ${source.rules.map(({ first }) => first + 1).join(', ')})`;
    case 'unit':
      return `${path} is a unit that brings ${interfaceName} up${source.comesBack === 'never' ? ', but it is not enabled' : ''}`;
    case 'script': {
      const lines = source.lines.map((line) => String(line + 1)).join(', ');
      const how =
        source.startedBy === null ? ', and nothing that is known starts it' : `; ${source.startedBy} it`;
      return `${path} configures ${interfaceName} in line ${lines}${how.replace('; runs at boot it', '; it runs at boot')}`;
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
  const others = alsoFor(draft, source);
  if (others.length > 0) {
    draft.note(
      'note',
      `${told}. It stays, because ${others.join(' and ')} ${others.length > 1 ? 'need' : 'needs'} it, too.`,
    );
    return;
  }
  const reason = `a rival of the configuration for ${stack}: ${effect}`;
  const why = takeOut(draft, source, reason);
  if (why === null) draft.note('note', `${told}; ${effect}. It is removed, and undo restores it.`);
  else draft.note(works ? 'warning' : 'note', `${told}; ${effect}. ${why}`);
}

/** Another CAN interface that is there has the file for its configuration. */
export function isForOthers(draft: PlanDraft, source: CanSource): boolean {
  return alsoFor(draft, source).length > 0;
}

function alsoFor({ facts, wishes }: PlanDraft, source: CanSource): string[] {
  if (source.kind !== 'networkd' && source.kind !== 'link') return [];
  const path = source.file.path;
  return facts.interfaces
    .map(({ name }) => name)
    .filter((name) => name !== wishes.interfaceName && name !== canDevice(facts, wishes).kernelNames[0])
    .filter((name) =>
      canSources(facts, { interfaceName: name, pinToUsbSerial: null }).some(
        (each) => each.kind === source.kind && each.isFirst && each.file.path === path,
      ),
    );
}

/** Other CAN interfaces that are there and that the same lines set: a loop over their names. */
function alsoScripted(
  { facts, wishes }: PlanDraft,
  { file, lines }: Extract<CanSource, { kind: 'script' }>,
): string[] {
  return facts.interfaces
    .map(({ name }) => name)
    .filter((name) => name !== wishes.interfaceName && name !== canDevice(facts, wishes).kernelNames[0])
    .filter((name) =>
      canScripts(facts, name).some(
        (each) => each.file.path === file.path && each.lines.some((line) => lines.includes(line)),
      ),
    );
}

/** Takes it out; or says why that has to be done by hand. */
function takeOut(draft: PlanDraft, source: CanSource, reason: string): string | null {
  const { facts, wishes } = draft;
  if (source.kind === 'crontab')
    return 'Canopus does not change a crontab: take these lines out with "crontab -e".';
  const { path } = source.file;
  switch (source.kind) {
    case 'ifupdown': {
      const whole = isOnlyAbout(source.parsed, wishes.interfaceName);
      draft.changeFile(path, whole ? null : withoutInterface(source.parsed, wishes.interfaceName), reason);
      return null;
    }
    case 'networkd':
    case 'netdev':
      removeOrMask(draft, path, reason);
      return null;
    case 'link':
      return 'It stays: what it sets is corrected, or comes after the file that applies.';
    case 'run-rule': {
      const device = canDevice(facts, wishes);
      const text = draft.textOf(overriding(facts.root, path)) ?? textOf(source.file);
      draft.changeFile(overriding(facts.root, path), rulesWithoutRuns(text, device), reason);
      return null;
    }
    case 'unit':
      return switchOff(draft, source, reason);
    case 'script': {
      if (source.comesBack === 'never') return 'It stays as it is.';
      const others = alsoScripted(draft, source);
      if (others.length > 0)
        return `The lines are for ${others.join(' and ')}, too: take ${wishes.interfaceName} out of them by hand.`;
      const text = withoutLines(textOf(source.file), source.lines);
      if (text === null) return 'The lines are a part of a larger command: take them out by hand.';
      draft.changeFile(path, text, reason);
      return null;
    }
    case 'queue-rule':
      return null;
  }
}

/** A file of a package or of the running system stays; an empty one of that name in /etc takes its place. */
function removeOrMask(draft: PlanDraft, path: string, reason: string): void {
  const own = overriding(draft.facts.root, path);
  draft.changeFile(own, own === path ? null : '', reason);
}

/** The file stays: disabling is enough, and undo enables it again. */
function switchOff(
  draft: PlanDraft,
  { name, state, comesBack, file }: Extract<CanSource, { kind: 'unit' }>,
  reason: string,
): string | null {
  if (comesBack === 'never' && state?.active !== true) return 'It stays as it is.';
  const isStatic =
    state?.enabled === 'static' || state?.enabled === 'indirect' || state?.enabled === 'generated';
  if (!isStatic) {
    draft.command(['systemctl', 'disable', '--now', name], reason);
    draft.undoAfter(['systemctl', 'enable', name], `${name} was enabled before`);
    return null;
  }
  if (file.path.startsWith(`${draft.facts.root}/etc/`)) {
    return `Something else starts it, and it cannot be masked where it lies: take ${file.path} out by hand.`;
  }
  draft.command(['systemctl', 'mask', '--now', name], reason);
  draft.undoAfter(['systemctl', 'unmask', name], `${name} was not masked before`);
  return null;
}
