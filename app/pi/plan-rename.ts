import { knownUid } from '../boards/board-mode.ts';
import { chipNames } from '../boards/chip-identity.ts';
import { isCanopusError } from '../errors.ts';
import type { ConfigTree } from '../printer-config/config-tree.ts';
import { editSection } from '../printer-config/edit-section.ts';
import { applyLineEdits } from '../printer-config/line-edits.ts';
import { canbusSections, sameUuid, type CanbusSection } from '../printer-config/set-canbus.ts';
import { configTree, readTree } from './config-trees.ts';
import type { PlanDraft } from './plan-draft.ts';

/** The name that the pinned interface has so far; null if it keeps it, or if nothing shows which it is. */
function earlierName({ facts, wishes }: PlanDraft, tree: ConfigTree): string | null {
  const { pinToUsbSerial, interfaceName, boards } = wishes;
  if (pinToUsbSerial === null) return null;
  const { canbusUuid: uuid } = chipNames(knownUid(pinToUsbSerial));
  const isMine = (each: CanbusSection): boolean =>
    boards.some(({ section }) => section === each.section) ||
    (uuid !== null && sameUuid(each.canbusUuid, uuid));
  const current = facts.interfaces.find(({ usb }) => usb?.serial === pinToUsbSerial)?.name;
  const named = canbusSections(tree).find(isMine);
  const earlier = current ?? named?.canbusInterface ?? null;
  return earlier === interfaceName ? null : earlier;
}

/**
 * Moves every section that used the interface to its new name: the boards behind a bridge are on its bus, whatever that
 * is called. `before` is the configuration as it was, `tree` as the plan leaves it so far. Returns whether the
 * configuration changes. Those of other printers are named.
 */
export function moveSections(
  draft: PlanDraft,
  configPath: string,
  { before, tree }: { readonly before: ConfigTree; readonly tree: ConfigTree },
): boolean {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  const earlier = earlierName(draft, before);
  if (earlier === null) return false;
  let changed = false;
  let current = tree;
  const isWished = (name: string): boolean => wishes.boards.some(({ section }) => section === name);
  for (const { section, canbusInterface } of canbusSections(before)) {
    if (isWished(section)) continue;
    if (canbusInterface !== earlier) {
      draft.note(
        'note',
        `[${section}] stays on ${canbusInterface}, which is another interface than ${earlier}.`,
      );
      continue;
    }
    try {
      const set = new Map([['canbus_interface', interfaceName]]);
      for (const { file, edits } of editSection(current, { section, set, commentOut: [] })) {
        changed = true;
        const reason = `[${section}] is on the bus that is called ${interfaceName} from now on`;
        draft.changeFile(file.path, applyLineEdits(file, edits), reason);
      }
      current = readTree(facts, configPath, (file) => draft.textOf(file.path) ?? '') ?? current;
    } catch (error) {
      if (!isCanopusError(error)) throw error;
      draft.note(
        'warning',
        `[${section}] has to get canbus_interface: ${interfaceName} by hand: ${error.message}`,
      );
    }
  }
  nameOthers(draft, configPath, earlier);
  return changed;
}

/** Where no printer is chosen, names the sections of all of them that have to change. */
export function nameSections(draft: PlanDraft): void {
  for (const { configPath } of draft.facts.printers) {
    const tree = configTree(draft.facts, configPath);
    const earlier = tree === null ? null : earlierName(draft, tree);
    if (earlier !== null) {
      nameOthers(draft, null, earlier);
      return;
    }
  }
}

function nameOthers(draft: PlanDraft, configPath: string | null, earlier: string): void {
  const { facts, wishes } = draft;
  const paths = new Set(facts.printers.map((each) => each.configPath));
  for (const path of paths) {
    const tree = path === configPath ? null : configTree(facts, path);
    const sections =
      tree === null ? [] : canbusSections(tree).filter((each) => each.canbusInterface === earlier);
    if (sections.length === 0) continue;
    const told = sections.map(({ section }) => `[${section}]`).join(', ');
    draft.note(
      'warning',
      `${path} has ${told} on ${earlier}, too: a plan for that printer has to give them canbus_interface: ${wishes.interfaceName}.`,
    );
  }
}
