import type { ConfigTree } from '../printer-config/config-tree.ts';
import { applyLineEdits } from '../printer-config/line-edits.ts';
import { editCanbus } from '../printer-config/set-canbus.ts';
import { configTree, readTree } from './config-trees.ts';
import { boardTroubles, configTroubles, hasSection, type ConfigTrouble } from './config-troubles.ts';
import { unreadWords, type PrinterFacts, type PiFacts } from './facts.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PlanBlocker } from './plan-types.ts';
import type { PrinterAnswer } from './printer-status.ts';

/** The printer.cfg to edit, or why none can be chosen. */
function chooseInstance(facts: PiFacts, configPath: string | null): PrinterFacts | PlanBlocker {
  if (configPath !== null) {
    const known = facts.printers.find((each) => each.configPath === configPath);
    if (known !== undefined) return known;
    const told = facts.printers.map((each) => each.configPath).join(', ');
    const others = told === '' ? '' : `; Klipper uses ${told}`;
    return {
      code: 'pi/no-printer-config',
      text: `${facts.user} finds no file ${configPath}${others}`,
    };
  }
  const paths = [...new Set(facts.printers.map((each) => each.configPath))];
  const first = facts.printers[0];
  if (first === undefined) {
    return { code: 'pi/no-printer-config', text: 'no printer.cfg was found in any of the usual places' };
  }
  if (paths.length > 1) {
    const told = facts.printers.map(
      ({ name, configPath: path, pid }) => `${name}, ${pid === null ? 'stopped' : 'running'}, with ${path}`,
    );
    return { code: 'pi/several-printers', text: `this Pi has several: ${told.join('; ')}` };
  }
  return first;
}

/** Adds the boards to printer.cfg, and a restart of Klipper if that changes anything. */
export function planPrinter(draft: PlanDraft, printer: PrinterAnswer): PlanBlocker | null {
  const { facts, wishes } = draft;
  if (wishes.boards.length === 0) return null;
  const instance = chooseInstance(facts, wishes.configPath);
  if ('code' in instance) return instance;
  const { configPath } = instance;
  const tree = configTree(facts, configPath);
  if (tree === null) return { code: 'pi/no-printer-config', text: whyUnread(facts, configPath) };
  const troubles = configTroubles(facts, tree);
  for (const { kind, text } of troubles) draft.note(kind === 'note' ? 'note' : 'warning', `${text}.`);
  const hidden = sectionThatMayHide(tree, wishes, troubles);
  if (hidden !== null) return hidden;
  let current = tree;
  let changed = false;
  for (const { section, canbusUuid } of wishes.boards) {
    const wish = { section, canbusUuid, canbusInterface: wishes.interfaceName };
    for (const { file, edits } of editCanbus(current, wish)) {
      changed = true;
      const reason = `[${section}] is the board ${canbusUuid} on ${wishes.interfaceName}`;
      draft.changeFile(file.path, applyLineEdits(file, edits), reason);
    }
    current = readTree(facts, configPath, (file) => draft.textOf(file.path) ?? '') ?? current;
  }
  const refused = boardTroubles(current);
  for (const { text } of refused) draft.note('warning', `${text}; Klipper refuses that.`);
  if (!changed || !wishes.restartKlipper) return null;
  if (refused.length > 0 || troubles.some(({ kind }) => kind === 'stops')) {
    draft.note(
      'warning',
      'Klipper is not restarted, because it would not start with this configuration. Correct the named lines, then restart it.',
    );
  } else planRestart(draft, instance, printer);
  return null;
}

function whyUnread(facts: PiFacts, configPath: string): string {
  const why = facts.unread.get(configPath)?.why;
  return why === undefined
    ? `${configPath} does not exist, or is in a folder that ${facts.user} may not enter`
    : `${configPath} ${unreadWords(why, facts.user)}`;
}

/**
 * A section to change that no readable file has: it may be where Klipper or this station could not look, and a second
 * one would be merged with it.
 */
function sectionThatMayHide(
  tree: ConfigTree,
  { boards }: PlanDraft['wishes'],
  troubles: readonly ConfigTrouble[],
): PlanBlocker | null {
  const trouble = troubles.find(({ kind }) => kind !== 'note');
  const missing = boards.find(({ section }) => !hasSection(tree, section));
  if (trouble === undefined || missing === undefined) return null;
  const text = `[${missing.section}] was not found, and is not added while a part of the configuration cannot be read: ${trouble.text}`;
  return { code: 'pi/config-unread', text };
}

function planRestart(draft: PlanDraft, instance: PrinterFacts, printer: PrinterAnswer): void {
  const reason = 'Klipper reads the new configuration';
  if (
    printer.kind === 'status' &&
    printer.status.source === 'moonraker' &&
    printer.status.klippy !== 'disconnected'
  ) {
    draft.klipper({ reason, via: 'moonraker', unit: instance.unit, asRoot: false });
  } else if (instance.pid !== null && instance.unit !== null) {
    draft.klipper({ reason, via: 'systemd', unit: instance.unit, asRoot: true });
  } else {
    draft.note('note', 'Klipper is not running; it will read the new configuration when it starts.');
  }
}
