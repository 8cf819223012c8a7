import type { ConfigTree } from '../printer-config/config-tree.ts';
import { applyLineEdits } from '../printer-config/line-edits.ts';
import { canbusSections, editCanbus } from '../printer-config/set-canbus.ts';
import { configTree, readTree } from './config-trees.ts';
import { boardTroubles, configTroubles, hasSection, type ConfigTrouble } from './config-troubles.ts';
import { unreadWords, type PrinterFacts, type PiFacts } from './facts.ts';
import type { PlanDraft } from './plan-draft.ts';
import { moveSections } from './plan-rename.ts';
import type { PiWishes, PlanBlocker } from './plan-types.ts';
import { answerOf, type PrinterSeen } from './printers-seen.ts';

/** The printer to set up, or why none can be chosen. */
export function choosePrinter(
  facts: PiFacts,
  { printer = null, configPath }: Pick<PiWishes, 'printer' | 'configPath'>,
): PrinterFacts | PlanBlocker {
  if (configPath !== null) {
    const known = facts.printers.find((each) => each.configPath === configPath);
    if (known !== undefined && printer !== null && known.name !== printer) {
      return {
        code: 'pi/printer-unknown',
        text: `${configPath} belongs to ${known.name}, not to ${printer}`,
      };
    }
    if (known !== undefined) return known;
    const told = facts.printers.map((each) => each.configPath).join(', ');
    const others = told === '' ? '' : `; Klipper uses ${told}`;
    return {
      code: 'pi/no-printer-config',
      text: `${facts.user} finds no file ${configPath}${others}`,
    };
  }
  const told = facts.printers.map(
    ({ name, configPath: path, pid }) => `${name}, ${pid === null ? 'stopped' : 'running'}, with ${path}`,
  );
  if (printer !== null) {
    const named = facts.printers.find(({ name }) => name === printer);
    if (named !== undefined) return named;
    const has = told.length === 0 ? 'none' : told.join('; ');
    return { code: 'pi/printer-unknown', text: `this Pi has no printer ${printer}; it has: ${has}` };
  }
  const first = facts.printers[0];
  if (first === undefined) {
    return { code: 'pi/no-printer-config', text: 'no printer.cfg was found in any of the usual places' };
  }
  if (facts.printers.length > 1) {
    return { code: 'pi/several-printers', text: `this Pi has several: ${told.join('; ')}` };
  }
  return first;
}

/** Adds the boards to the configuration of this printer, and a restart of its Klipper if that changes anything. */
export function planPrinter(
  draft: PlanDraft,
  printer: PrinterFacts,
  seen: readonly PrinterSeen[],
): PlanBlocker | null {
  const { facts, wishes } = draft;
  const { configPath } = printer;
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
  if (moveSections(draft, configPath, { before: tree, tree: current })) changed = true;
  current = readTree(facts, configPath, (file) => draft.textOf(file.path) ?? '') ?? current;
  const refused = boardTroubles(current);
  for (const { text } of refused) draft.note('warning', `${text}; Klipper refuses that.`);
  if (!changed || !wishes.restartKlipper) return null;
  if (refused.length > 0 || troubles.some(({ kind }) => kind === 'stops')) {
    draft.note(
      'warning',
      'Klipper is not restarted, because it would not start with this configuration. Correct the named lines, then restart it.',
    );
  } else planRestart(draft, printer, seen, 'Klipper reads the new configuration');
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

/**
 * Restarts the Klipper of every other printer whose bus goes down for a moment: it loses its boards and stays shut down
 * until it is restarted.
 */
export function planOtherRestarts(
  draft: PlanDraft,
  chosen: PrinterFacts | null,
  seen: readonly PrinterSeen[],
): void {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  if (!wishes.restartKlipper || !draft.takesDown(interfaceName)) return;
  for (const printer of facts.printers) {
    const answer = answerOf(seen, printer);
    if (answer.kind !== 'status' || answer.status.klippy !== 'ready') continue;
    if (draft.restarts(printer) || !usesInterface(facts, printer, interfaceName)) continue;
    if (wouldStart(draft, printer)) {
      planRestart(draft, printer, seen, `Klipper stops when it loses ${interfaceName} for a moment`);
    } else if (printer !== chosen) {
      const text = `${printer.name} loses ${interfaceName} for a moment and is not restarted, because Klipper would not start with its configuration.`;
      draft.note('warning', text);
    }
  }
}

/** False if something in the printer's configuration, as the plan leaves it, would keep Klipper from starting. */
function wouldStart(draft: PlanDraft, { configPath }: PrinterFacts): boolean {
  const { facts } = draft;
  const tree = readTree(facts, configPath, (file) => draft.textOf(file.path) ?? '');
  if (tree === null || boardTroubles(tree).length > 0) return false;
  return configTroubles(facts, tree).every(({ kind }) => kind !== 'stops');
}

/** True if a board in the printer's configuration is on this interface. */
export function usesInterface(facts: PiFacts, { configPath }: PrinterFacts, interfaceName: string): boolean {
  const tree = configTree(facts, configPath);
  return tree !== null && canbusSections(tree).some((each) => each.canbusInterface === interfaceName);
}

function planRestart(
  draft: PlanDraft,
  printer: PrinterFacts,
  seen: readonly PrinterSeen[],
  reason: string,
): void {
  const answer = answerOf(seen, printer);
  const { name, configPath, unit } = printer;
  const isAlone = draft.facts.printers.length === 1;
  const step = { reason, unit, ...(isAlone ? {} : { printer: { name, configPath } }) };
  if (
    answer.kind === 'status' &&
    answer.status.source === 'moonraker' &&
    answer.status.klippy !== 'disconnected'
  ) {
    draft.klipper({ ...step, via: 'moonraker', asRoot: false });
  } else if (printer.pid !== null && unit !== null) {
    draft.klipper({ ...step, via: 'systemd', asRoot: true });
  } else {
    const whose = isAlone ? 'Klipper' : `Klipper of ${name}`;
    draft.note('note', `${whose} is not running; it will read the new configuration when it starts.`);
  }
}
