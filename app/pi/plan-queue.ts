import { canDevice, type CanDevice } from './can-device.ts';
import { linkFiles, rulesFiles } from './can-sources.ts';
import type { PiFacts, PiFile } from './facts.ts';
import { editLinkFile, type LinkFile } from './networkd.ts';
import { overriding } from './network-units.ts';
import { baseName, freePath, textOf } from './pi-files.ts';
import type { PlanDraft } from './plan-draft.ts';
import { newQueueRule, rulesWithQueueLength, udevRules, type UdevRule } from './udev-rules.ts';

/** udev applies .link files here (80-net-setup-link.rules): what rules before it set, they set anew. */
const linksApply = '80-net-setup-link.rules';

/** TransmitQueueLength= came with this version of systemd (its NEWS); earlier ones pass it over. */
const linksKnowQueues = 248;

/** Whatever sets a queue length when the interface appears sets the wished one afterwards. */
export function planQueueLength(draft: PlanDraft, { addsRule }: { readonly addsRule: boolean }): void {
  const { facts, wishes } = draft;
  const device = canDevice(facts, wishes);
  const others = otherDevices(facts, device);
  const files = rulesFiles(facts);
  const isEarly = ({ path }: PiFile): boolean => baseName(path) <= linksApply;
  const rules = (some: readonly PiFile[]) => some.map((file) => planRules(draft, file, device, others));
  const early = rules(files.filter(isEarly));
  const link = planLink(draft, device, others);
  const late = rules(files.filter((file) => !isEarly(file)));
  const lengths = [
    ...early.map(({ byRule }) => byRule),
    link,
    ...late.map(({ byRule }) => byRule),
    // Commands run when all rules are done.
    ...[...early, ...late].map(({ byCommand }) => byCommand),
  ];
  const last = lengths.findLast((length) => length !== null) ?? null;
  if (last === wishes.txQueueLength || (last === null && !addsRule)) return;
  addRule(draft, device, last);
}

/** Other CAN interfaces that are there now. */
function otherDevices(facts: PiFacts, device: CanDevice): CanDevice[] {
  return facts.interfaces
    .filter(({ name }) => name !== device.name && !device.kernelNames.includes(name))
    .map(({ name }) => canDevice(facts, { interfaceName: name, pinToUsbSerial: null }));
}

/** Corrects the .link file that applies; returns the length that it will set, null for none. */
function planLink(draft: PlanDraft, device: CanDevice, others: readonly CanDevice[]): number | null {
  const { facts, wishes } = draft;
  if ((facts.systemd ?? 0) < linksKnowQueues) return null;
  // The file of a pin comes first, and says it.
  if (wishes.pinToUsbSerial !== null) return wishes.txQueueLength;
  let found: number | null = null;
  for (const link of linkFiles(facts, device)) {
    const length = linkLength(draft, link, others);
    if (length !== null) found ??= length;
    if (link.fits === 'yes') break;
  }
  return found;
}

function linkLength(draft: PlanDraft, link: LinkFile, others: readonly CanDevice[]): number | null {
  const { facts, wishes } = draft;
  if (link.txQueueLength === null || link.txQueueLength === wishes.txQueueLength) return link.txQueueLength;
  const isShared = others.some((other) =>
    linkFiles(facts, other).some(({ unit, fits }) => unit.name === link.unit.name && fits === 'yes'),
  );
  if (!link.aboutCan || isShared) return link.txQueueLength;
  const edits = editLinkFile(facts.root, link, wishes.txQueueLength);
  const maybe = link.fits === 'maybe' ? ', if it is for this interface' : '';
  const reason = `udev sets the queue length to ${link.txQueueLength} by this file${maybe}, after its rules`;
  for (const { path, text } of edits) draft.changeFile(path, text, reason);
  return wishes.txQueueLength;
}

/** Corrects the rules that are for this interface alone; what they will set, by themselves and by commands. */
function planRules(
  draft: PlanDraft,
  file: PiFile,
  device: CanDevice,
  others: readonly CanDevice[],
): { byRule: number | null; byCommand: number | null } {
  const { facts, wishes } = draft;
  const path = overriding(facts.root, file.path);
  const text = draft.textOf(path) ?? textOf(file);
  const rules = udevRules(text, device).filter(({ fits }) => fits === 'yes');
  const of = (all: readonly UdevRule[]) => ({
    byRule: all.findLast(({ txQueueLength }) => txQueueLength !== null)?.txQueueLength ?? null,
    byCommand:
      all.flatMap(({ runs }) => runs.flatMap(({ command }) => command?.txQueueLength ?? [])).at(-1) ?? null,
  });
  const edited = rulesWithQueueLength(text, device, wishes.txQueueLength);
  if (edited === text) return of(rules);
  const isShared = others.some((other) =>
    udevRules(text, other).some(
      ({ first, fits, txQueueLength }) =>
        fits === 'yes' && txQueueLength !== null && rules.some((rule) => rule.first === first),
    ),
  );
  if (isShared) return of(rules);
  draft.changeFile(path, edited, 'this udev rule sets the queue length');
  return of(udevRules(edited, device).filter(({ fits }) => fits === 'yes'));
}

/** systemd has no queue length before version 248; a udev rule works everywhere. */
function addRule(draft: PlanDraft, device: CanDevice, current: number | null): void {
  const { facts, wishes } = draft;
  const isFirst = current === null && wishes.interfaceName === 'can0' && wishes.pinToUsbSerial === null;
  // After all files that set another one.
  const names = isFirst
    ? ['10-can.rules', '10-canopus-can0.rules', '90-canopus-can0.rules']
    : ['90', '99', '99-zz'].map((prefix) => `${prefix}-canopus-${wishes.interfaceName}.rules`);
  const path = freePath(
    facts,
    names.map((name) => `/etc/udev/rules.d/${name}`),
  );
  if (path === null) {
    const text = `every name for a new file in /etc/udev/rules.d is taken (${names.join(', ')})`;
    draft.blockers.push({ code: 'pi/file-unreadable', text });
    return;
  }
  const reason =
    current === null
      ? `udev gives CAN interfaces room for ${wishes.txQueueLength} frames; Linux itself gives 10`
      : `udev gives ${wishes.interfaceName} room for ${wishes.txQueueLength} frames, after what sets ${current} for others, too`;
  const which = isFirst
    ? null
    : wishes.pinToUsbSerial === null
      ? { interfaceName: device.name }
      : { usbSerial: wishes.pinToUsbSerial };
  draft.changeFile(path, newQueueRule(which, wishes.txQueueLength), reason);
}
