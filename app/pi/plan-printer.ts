import { parseConfigFile } from '../printer-config/config-file.ts';
import { readConfigTree, type ConfigTree } from '../printer-config/config-tree.ts';
import { applyLineEdits } from '../printer-config/line-edits.ts';
import { canbusSections, editCanbus, sameUuid } from '../printer-config/set-canbus.ts';
import { textOf } from './can-sources.ts';
import type { PrinterFacts, PiFacts } from './facts.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PlanBlocker } from './plan-types.ts';
import type { PrinterAnswer } from './printer-status.ts';

/** The printer.cfg that is meant, or why none can be named. */
export function chooseInstance(facts: PiFacts, configPath: string | null): PrinterFacts | PlanBlocker {
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

const trees = new WeakMap<PiFacts, Map<string, ConfigTree | null>>();

/** The configuration as the facts hold it, read once; null where its main file could not be read. */
export function configTree(facts: PiFacts, mainPath: string): ConfigTree | null {
  const known = trees.get(facts) ?? new Map<string, ConfigTree | null>();
  trees.set(facts, known);
  const tree = known.get(mainPath);
  if (tree !== undefined) return tree;
  const fresh = readTree(facts, mainPath);
  known.set(mainPath, fresh);
  return fresh;
}

function readTree(facts: PiFacts, mainPath: string): ConfigTree | null {
  const main = facts.files.get(mainPath);
  if (main === undefined) return null;
  const others = [...facts.files.values()].filter((file) => file.path !== mainPath && isConfig(file.path));
  return readConfigTree(
    parseConfigFile(mainPath, textOf(main)),
    others.map((file) => parseConfigFile(file.path, textOf(file), false)),
  );
}

function isConfig(path: string): boolean {
  return !/^\/(?:etc|run|boot)\//.test(path);
}

/** Adds the boards to printer.cfg, and Klipper's restart where that changes anything. */
export function planPrinter(draft: PlanDraft, printer: PrinterAnswer): PlanBlocker | null {
  const { facts, wishes } = draft;
  if (wishes.boards.length === 0) return null;
  const instance = chooseInstance(facts, wishes.configPath);
  if ('code' in instance) return instance;
  const tree = configTree(facts, instance.configPath);
  if (tree === null) {
    return { code: 'pi/no-printer-config', text: `${instance.configPath} cannot be read by ${facts.user}` };
  }
  for (const { problem, path, line, pattern } of tree.problems) {
    const what = problem === 'include-missing' ? 'names a file that is not there' : 'leads back to itself';
    draft.note('warning', `${path}, line ${line + 1}: [include ${pattern}] ${what}; Klipper will not start.`);
  }
  let current = tree;
  let changed = false;
  for (const { section, canbusUuid } of wishes.boards) {
    const wish = { section, canbusUuid, canbusInterface: wishes.interfaceName };
    for (const { file, edits } of editCanbus(current, wish)) {
      changed = true;
      const reason = `[${section}] is the board ${canbusUuid} on ${wishes.interfaceName}`;
      draft.changeFile(file.path, applyLineEdits(file, edits), reason);
    }
    current = reread(draft, current);
    warnAboutDoubles(draft, current, section, canbusUuid);
  }
  if (changed && wishes.restartKlipper) planRestart(draft, instance, printer);
  return null;
}

/** The tree as the draft leaves it, so that the next board's edits come on top. */
function reread(draft: PlanDraft, tree: ConfigTree): ConfigTree {
  const files = tree.files.map((file) =>
    parseConfigFile(file.path, draft.textOf(file.path) ?? file.text, file.path === tree.main.path),
  );
  const main = files.find((file) => file.path === tree.main.path);
  return main === undefined ? tree : readConfigTree(main, files);
}

function warnAboutDoubles(draft: PlanDraft, tree: ConfigTree, section: string, canbusUuid: string): void {
  const other = canbusSections(tree).find(
    (each) => each.section !== section && sameUuid(each.canbusUuid, canbusUuid),
  );
  if (other === undefined) return;
  draft.note(
    'warning',
    `[${other.section}] has the same canbus_uuid ${canbusUuid}; Klipper refuses two sections for one board.`,
  );
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
    draft.note('note', 'Klipper does not run; it will read the new configuration when it is started.');
  }
}
