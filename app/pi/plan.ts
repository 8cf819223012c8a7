import { chooseStack } from './choose-stack.ts';
import type { PiFacts } from './facts.ts';
import { commentOutOverlays, hatOverlays } from './hat.ts';
import { otherInterface } from './plan-board-interface.ts';
import { PlanDraft } from './plan-draft.ts';
import { planNetwork } from './plan-network.ts';
import { nameSections } from './plan-rename.ts';
import { choosePrinter, planOtherRestarts, planPrinter } from './plan-printer.ts';
import type { PiPlan, PiWishes, PlanBlocker, PlanStep } from './plan-types.ts';
import { printingBlocker, type PrinterSeen } from './printers-seen.ts';
import { fullDisks, mayForget, storageTrouble } from './storage.ts';

/**
 * Makes the plan: what has to change on this Pi to fulfil the wishes, and how to undo it. Pure: the same facts and
 * wishes give the same plan. Throws `config/*` if printer.cfg cannot be edited as wished.
 */
export function makePlan(facts: PiFacts, seen: readonly PrinterSeen[], wishes: PiWishes): PiPlan {
  const draft = new PlanDraft(facts, wishes);
  const blockers: PlanBlocker[] = [];
  const { stack, why } = chooseStack(facts, wishes, wishes.stack);
  if (!facts.tools.has('ip') || facts.kernel === null) {
    blockers.push({
      code: 'pi/not-a-pi',
      text: 'there is no "ip" command, so nothing here can configure a CAN interface',
    });
  } else if (stack !== null && !facts.ipJson) {
    blockers.push({
      code: 'pi/ip-too-old',
      text: 'the command "ip" prints no JSON (iproute2 does since 4.14, busybox never), so the state of a CAN interface cannot be read',
    });
  } else if (stack === null) {
    blockers.push({ code: 'pi/no-network-stack', text: why });
  } else {
    draft.note('note', `Written for ${stackNames[stack]}: ${why}.`);
    planHat(draft);
    const elsewhere = otherInterface(draft);
    if (elsewhere !== null) blockers.push(elsewhere);
    planNetwork(draft, stack);
  }
  // Without boards, and without a new name of their bus, no printer.cfg is changed, and none has to be chosen.
  const isNamed = (wishes.printer ?? null) !== null || wishes.configPath !== null;
  const isRenamed = wishes.pinToUsbSerial !== null;
  const chosen =
    isNamed || wishes.boards.length > 0 || (isRenamed && facts.printers.length === 1)
      ? choosePrinter(facts, wishes)
      : null;
  const printer = chosen === null || 'code' in chosen ? null : chosen;
  if (chosen !== null && 'code' in chosen) blockers.push(chosen);
  if (printer !== null && (wishes.boards.length > 0 || isRenamed)) {
    const printerBlocker = planPrinter(draft, printer, seen);
    if (printerBlocker !== null) blockers.push(printerBlocker);
  }
  if (isRenamed && printer === null) nameSections(draft);
  planOtherRestarts(draft, printer, seen);
  if (facts.gsUsb === 'missing') {
    draft.note(
      'warning',
      `The kernel ${facts.kernel ?? ''} has no gs_usb driver; without it there is no CAN interface.`,
    );
  }
  blockers.push(...draft.blockers);
  const { steps } = draft;
  if (steps.length > 0) {
    blockers.push(...storageBlockers(facts, steps), ...applyBlockers(facts, seen, wishes, steps));
    if (mayForget(facts))
      draft.note(
        'warning',
        'The root of this system is an overlay: whether changes survive a reboot cannot be seen from here.',
      );
  }
  return {
    stack,
    steps,
    undo: { before: draft.undoBeforeSteps.toReversed(), after: draft.undoAfterSteps },
    notes: draft.notes,
    blockers,
    configPath: wishes.configPath,
    printer: printer === null ? null : { name: printer.name, configPath: printer.configPath },
    printers: facts.printers.map(({ name }) => name),
    goal: {
      ...(printer !== null && facts.printers.length > 1 ? { printer: printer.name } : {}),
      interfaceName: wishes.interfaceName,
      bitrateBps: wishes.bitrateBps,
      txQueueLength: wishes.txQueueLength,
      boards: wishes.boards,
    },
  };
}

const stackNames = {
  ifupdown: 'ifupdown (/etc/network/interfaces)',
  networkd: 'systemd-networkd',
  unit: 'a separate systemd unit',
} as const;

/** Why what is written would not be there, or not stay. */
function storageBlockers(facts: PiFacts, steps: readonly PlanStep[]): PlanBlocker[] {
  const paths = steps.flatMap((step) => (step.kind === 'file' ? [step.path] : []));
  const troubles = [...paths, facts.home].flatMap((path) => storageTrouble(facts, path) ?? []);
  const full = fullDisks(facts).filter((words) => !words.startsWith('/tmp '));
  return [
    ...troubles.slice(0, 1),
    ...(full.length > 0 ? [{ code: 'pi/disk-full' as const, text: full.join('; ') }] : []),
  ];
}

/** Why nothing may be changed now. */
function applyBlockers(
  facts: PiFacts,
  seen: readonly PrinterSeen[],
  wishes: PiWishes,
  steps: readonly PlanStep[],
): PlanBlocker[] {
  const blockers: PlanBlocker[] = [];
  const busy = printingBlocker(seen, wishes);
  if (busy !== null) blockers.push(busy);
  if (facts.sudo === 'none' && steps.some((step) => step.asRoot)) {
    const text = `${facts.user} may not use sudo, and some of the changes need root`;
    blockers.push({ code: 'pi/sudo-missing', text });
  }
  const open = facts.journals.find(({ state }) => state === 'open');
  if (open !== undefined) {
    blockers.push({ code: 'pi/unfinished', text: `the change ${open.id} was started but not finished` });
  }
  return blockers;
}

function planHat(draft: PlanDraft): void {
  const { facts, wishes } = draft;
  const overlays = hatOverlays(facts);
  const owner = facts.interfaces.find(({ name }) => name === wishes.interfaceName);
  if (overlays.length === 0 && (owner === undefined || owner.usb !== null)) return;
  const told = overlays.map(({ path, line, text }) => `${path}, line ${line + 1}: ${text}`).join('; ');
  if (wishes.hat === 'comment-out' && overlays.length > 0) {
    commentOutOverlays(draft, overlays);
    draft.note(
      'warning',
      'The HAT goes away with the next reboot of the Pi; until then the bridge may be can1.',
    );
    return;
  }
  const whose =
    owner?.usb === null ? `${wishes.interfaceName} belongs to it now` : 'it may take that name at boot';
  const choices =
    'Comment out the overlay of the HAT, or give the bridge its own interface name, tied to its chip UID.';
  draft.note(
    'warning',
    `A CAN HAT is set up (${told === '' ? (owner?.driver ?? 'not USB') : told}), and ${whose}. ${choices}`,
  );
}
