import { canSources, networkFiles, systemFile, textOf, type CanSource } from './can-sources.ts';
import { isEffective, usesNetworkd } from './choose-stack.ts';
import type { PiFacts } from './facts.ts';
import { editInterfacesFile, newInterfacesFile, parseInterfaces } from './ifupdown.ts';
import {
  editNetworkFile,
  escapeUnitName,
  newCanUnit,
  newLinkFile,
  newNetworkFile,
  newQueueRule,
  parseNetworkFile,
  withQueueLength,
} from './networkd.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PiWishes } from './plan-types.ts';
import { removeRival } from './rivals.ts';

const canUnitName = (interfaceName: string): string => `canopus-${interfaceName}.service`;

/** Adds what makes the network stack bring the interface up, at every boot and after every re-plug. */
export function planNetwork(draft: PlanDraft, stack: 'ifupdown' | 'networkd' | 'unit'): void {
  const { facts, wishes } = draft;
  const sources = canSources(facts, wishes.interfaceName);
  if (wishes.pinToUsbSerial !== null) planPin(draft, wishes.pinToUsbSerial);
  const kept = { ifupdown: planIfupdown, networkd: planNetworkd, unit: planUnit }[stack](draft, sources);
  for (const source of sources) {
    if (!kept.has(source.file.path)) removeRival(draft, source, stack);
  }
  if (draft.networkChanged || !isAsWished(facts, wishes)) bringUp(draft, stack);
}

/** True if the interface is up as wished, or does not exist and cannot be brought up now. */
function isAsWished(facts: PiFacts, wishes: PiWishes): boolean {
  const found = facts.interfaces.find(({ name }) => name === wishes.interfaceName);
  return (
    found === undefined ||
    (found.up && found.bitrateBps === wishes.bitrateBps && found.txQueueLength === wishes.txQueueLength)
  );
}

function planIfupdown(draft: PlanDraft, sources: readonly CanSource[]): Set<string> {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  const own = sources.find((each) => each.kind === 'ifupdown' && each.read && each.stanza.family === 'can');
  const kept = new Set<string>();
  if (own?.kind === 'ifupdown') {
    kept.add(own.file.path);
    draft.changeFile(
      own.file.path,
      editInterfacesFile(own.parsed, wishes),
      `ifupdown configures ${interfaceName} here`,
    );
  } else {
    const folder = `${facts.root}/etc/network/interfaces.d`;
    const free = [interfaceName, `canopus-${interfaceName}`].find(
      (name) => !facts.files.has(`${folder}/${name}`),
    );
    const path = `${folder}/${free ?? interfaceName}`;
    kept.add(path);
    const reason = `ifupdown brings ${interfaceName} up whenever the bridge appears, with ${wishes.bitrateBps} bit/s and room for ${wishes.txQueueLength} frames`;
    draft.changeFile(path, newInterfacesFile(wishes), reason);
    sourceFolder(draft);
  }
  for (const source of sources) {
    if (source.kind !== 'queue-rule') continue;
    // A rule with the same value is no rival; a different one would win at every change event.
    kept.add(source.file.path);
    const text = withQueueLength(textOf(source.file), wishes.txQueueLength);
    draft.changeFile(source.file.path, text, 'this udev rule sets another queue length');
  }
  return kept;
}

/** Debian's own /etc/network/interfaces sources the folder; if that line was removed, it is added again. */
function sourceFolder(draft: PlanDraft): void {
  const { facts } = draft;
  const file = systemFile(facts, '/etc/network/interfaces');
  const line = 'source /etc/network/interfaces.d/*\n';
  if (file === null) {
    draft.changeFile(
      `${facts.root}/etc/network/interfaces`,
      line,
      'ifupdown reads the folder only where this says so',
    );
    return;
  }
  const text = textOf(file);
  const sourced = parseInterfaces(text).sources.some((pattern) =>
    /(^|\/)interfaces\.d(\/\*)?$/.test(pattern),
  );
  if (sourced) return;
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  draft.changeFile(file.path, ended + line, 'ifupdown reads the folder only where this says so');
}

function planNetworkd(draft: PlanDraft, sources: readonly CanSource[]): Set<string> {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  const kept = new Set<string>();
  const first = networkFiles(facts).find((file) => parseNetworkFile(textOf(file), interfaceName).matches);
  const parsed = first ? parseNetworkFile(textOf(first), interfaceName) : null;
  if (first && parsed?.aboutCan === true && first.path.includes('/etc/')) {
    kept.add(first.path);
    const refused = parsed.asksForRestart ? '; Linux refuses RestartSec for a bridge, and it stays down' : '';
    const reason = `systemd-networkd configures ${interfaceName} here${refused}`;
    draft.changeFile(first.path, editNetworkFile(parsed, wishes), reason);
  } else {
    // The first matching file wins, so ours goes before one that matches every interface.
    const name = first === undefined ? '25-can.network' : '00-canopus-can.network';
    const path = `${facts.root}/etc/systemd/network/${name}`;
    kept.add(path);
    const reason = `systemd-networkd brings ${interfaceName} up whenever the bridge appears, with ${wishes.bitrateBps} bit/s`;
    draft.changeFile(path, newNetworkFile(wishes), reason);
  }
  planQueueRule(draft, sources, kept);
  if (!usesNetworkd(facts)) enableNetworkd(draft);
  return kept;
}

/** systemd-networkd has no queue length before systemd 248; a udev rule works everywhere. */
function planQueueRule(draft: PlanDraft, sources: readonly CanSource[], kept: Set<string>): void {
  const { facts, wishes } = draft;
  const rules = sources.filter((source) => source.kind === 'queue-rule');
  for (const { file } of rules) {
    kept.add(file.path);
    draft.changeFile(
      file.path,
      withQueueLength(textOf(file), wishes.txQueueLength),
      'this udev rule sets the queue length',
    );
  }
  if (rules.length > 0) return;
  const path = `${facts.root}/etc/udev/rules.d/10-can.rules`;
  const reason = `udev gives CAN interfaces room for ${wishes.txQueueLength} frames; Linux itself gives 10`;
  draft.changeFile(path, newQueueRule(wishes.txQueueLength), reason);
}

function enableNetworkd(draft: PlanDraft): void {
  const { facts } = draft;
  draft.enableUnit('systemd-networkd.service', 'systemd-networkd is not running yet');
  const waits = facts.units.get('systemd-networkd-wait-online.service');
  if (waits?.exists === true && waits.enabled !== 'masked') {
    // Enabling systemd-networkd enables this, too; without an interface that must be online it waits in vain.
    draft.disableUnit(
      'systemd-networkd-wait-online.service',
      waits,
      'otherwise every boot would wait two minutes for a network that systemd-networkd does not manage',
    );
  }
}

function planUnit(draft: PlanDraft, sources: readonly CanSource[]): Set<string> {
  const { facts, wishes } = draft;
  const name = canUnitName(wishes.interfaceName);
  const path = `${facts.root}/etc/systemd/system/${name}`;
  draft.changeFile(
    path,
    newCanUnit(wishes),
    `systemd brings ${wishes.interfaceName} up whenever its device appears`,
  );
  const kept = new Set([path]);
  for (const source of sources) if (source.kind === 'queue-rule') kept.add(source.file.path);
  if (draft.networkChanged) {
    draft.command(['systemctl', 'daemon-reload'], 'systemd reads the new unit', { undoAfter: true });
    draft.enableUnit(name, `the unit is started with the device of ${wishes.interfaceName}`, false);
  }
  return kept;
}

function planPin(draft: PlanDraft, usbSerial: string): void {
  const { facts, wishes } = draft;
  const path = `${facts.root}/etc/systemd/network/10-canopus-${wishes.interfaceName}.link`;
  const reason = `the board with the USB serial number ${usbSerial} always gets the name ${wishes.interfaceName}`;
  draft.changeFile(path, newLinkFile(wishes.interfaceName, usbSerial), reason);
  const now = facts.interfaces.find(({ usb }) => usb?.serial === usbSerial);
  if (now && now.name !== wishes.interfaceName) {
    draft.note(
      'warning',
      `The new name applies from the next time the board is plugged in; now it is called ${now.name}.`,
    );
  }
}

/** Applies the files now. Without an interface, the next plug-in does. */
function bringUp(draft: PlanDraft, stack: 'ifupdown' | 'networkd' | 'unit'): void {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  const present = facts.interfaces.some(({ name }) => name === interfaceName);
  if (draft.changes('/etc/udev/rules.d/') || draft.changes('.link')) {
    draft.command(['udevadm', 'control', '--reload'], 'udev reads its rules again', { undoAfter: true });
  }
  if (stack === 'networkd' && usesNetworkd(facts)) {
    draft.command(reloadNetworkd(facts), 'systemd-networkd reads its files again', { undoAfter: true });
  }
  if (!present) {
    draft.note(
      'note',
      `${interfaceName} does not exist now; it will come up automatically when the bridge is plugged in.`,
    );
    return;
  }
  const down = ['ip', 'link', 'set', interfaceName, 'down'] as const;
  const queue = ['ip', 'link', 'set', interfaceName, 'txqueuelen', String(wishes.txQueueLength)] as const;
  // The bit rate of an interface that is up cannot be changed.
  draft.command(down, 'a bit rate can only be set while the interface is down');
  switch (stack) {
    case 'ifupdown':
      bringUpWithIfupdown(draft);
      break;
    case 'networkd':
      draft.command(queue, 'the queue length applies now, and through the udev rule after the next plug-in');
      if ((facts.systemd ?? 0) >= networkctlVersion) {
        draft.command(
          ['networkctl', 'reconfigure', interfaceName],
          `${interfaceName} comes up with the new settings now`,
        );
      }
      draft.undoBefore(down, `${interfaceName} goes down`);
      break;
    case 'unit':
      draft.command(
        ['systemctl', 'restart', canUnitName(interfaceName)],
        `${interfaceName} comes up with the new settings now`,
      );
      break;
  }
  restoreOld(draft);
}

/**
 * Debian's ifupdown brings a new device up through a unit that ends with the device. Without that unit, the interface
 * would count as up for good, and nothing would bring it up after the next reset of the bridge.
 */
function ifupdownUnit({ facts, wishes }: PlanDraft): string | null {
  return facts.systemd === null ? null : `ifup@${escapeUnitName(wishes.interfaceName)}.service`;
}

function bringUpWithIfupdown(draft: PlanDraft): void {
  const { interfaceName } = draft.wishes;
  const unit = ifupdownUnit(draft);
  const reason = `${interfaceName} comes up with the new settings now`;
  const release = ['ifdown', '--force', interfaceName] as const;
  const letGo = `ifupdown releases ${interfaceName}`;
  if (unit === null) {
    draft.command(['ifup', '--force', interfaceName], reason);
  } else {
    // It fails if there is nothing to release, which is fine.
    draft.command(release, `${letGo}, however it was brought up`, { accepts: null });
    draft.command(['systemctl', 'restart', unit], `${reason}, by the unit that follows its device`);
  }
  // Undo runs them in reverse order.
  draft.undoBefore(release, letGo);
  if (unit !== null) draft.undoBefore(['systemctl', 'stop', unit], letGo);
}

/** `networkctl reload` and `reconfigure` came with this version of systemd. */
const networkctlVersion = 244;

function reloadNetworkd(facts: PiFacts): [string, ...string[]] {
  if ((facts.systemd ?? 0) >= networkctlVersion) return ['networkctl', 'reload'];
  return ['systemctl', 'restart', 'systemd-networkd.service'];
}

/** After an undo, what brought the interface up before brings it up again. */
function restoreOld(draft: PlanDraft): void {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  if (!facts.interfaces.some(({ name, up }) => name === interfaceName && up)) return;
  const reason = `${interfaceName} comes up with its old settings`;
  const before = canSources(facts, interfaceName).filter((source) => isEffective(facts, source));
  if (before.some(({ kind }) => kind === 'ifupdown')) {
    const unit = ifupdownUnit(draft);
    draft.undoAfter(
      unit === null ? ['ifup', '--force', interfaceName] : ['systemctl', 'restart', unit],
      reason,
    );
  } else if (before.some(({ kind }) => kind === 'networkd') && (facts.systemd ?? 0) >= networkctlVersion) {
    draft.undoAfter(['networkctl', 'reconfigure', interfaceName], reason);
  }
}
