import { canDevice } from './can-device.ts';
import { canSources, type CanSource } from './can-sources.ts';
import { canUnitName, isEffective, usesNetworkd } from './choose-stack.ts';
import { unreadWords, type PiFacts, type UnreadFile } from './facts.ts';
import { editInterfacesFile, newInterfacesFile, parseInterfaces } from './ifupdown.ts';
import { editNetworkFile, escapeUnitName, newCanUnit, newNetworkFile, readNetworkFile } from './networkd.ts';
import { deafNetworkFiles, hiddenNetworkFiles, isHiding, isNamedCan, networkUnits } from './network-units.ts';
import { freePath, systemFile, textOf } from './pi-files.ts';
import type { PlanDraft } from './plan-draft.ts';
import { planPin } from './plan-pin.ts';
import { planQueueLength } from './plan-queue.ts';
import type { PiWishes } from './plan-types.ts';
import { isForOthers, removeRival } from './rivals.ts';

/** Adds what makes the network stack bring the interface up, at every boot and after every re-plug. */
export function planNetwork(draft: PlanDraft, stack: 'ifupdown' | 'networkd' | 'unit'): void {
  const { facts, wishes } = draft;
  const sources = canSources(facts, wishes);
  refuseHidden(draft);
  if (wishes.pinToUsbSerial !== null) planPin(draft, wishes.pinToUsbSerial);
  const kept = { ifupdown: planIfupdown, networkd: planNetworkd, unit: planUnit }[stack](draft, sources);
  for (const source of sources) {
    if (source.kind === 'queue-rule' || source.kind === 'link') continue;
    if (source.kind === 'crontab' || !kept.has(source.file.path)) removeRival(draft, source, stack);
  }
  // What udev gives an interface comes before what these do to it; a stanza and our unit set the length themselves.
  planQueueLength(draft, { addsRule: stack === 'networkd' });
  if (draft.networkChanged || !isAsWished(facts, wishes)) bringUp(draft, stack);
}

/**
 * A file that cannot be read and is about CAN by its name: what is written beside it may not count. Of others, such as
 * the keys of a VPN, it is only said.
 */
function refuseHidden(draft: PlanDraft): void {
  const { facts, blockers } = draft;
  const hidden = hiddenNetworkFiles(facts);
  const { readAsRoot = [] } = facts;
  if (readAsRoot.length > 0) {
    draft.note('note', `Read as root, because ${facts.user} may not read it: ${readAsRoot.join(', ')}.`);
  }
  const words = ({ path, why }: UnreadFile): string => `${path} ${unreadWords(why, facts.user)}`;
  for (const { path } of deafNetworkFiles(facts)) {
    const text = `${path} has no effect: systemd-networkd runs as the user systemd-network, which may not read it. It stays as it is.`;
    draft.note('note', text);
  }
  const [refused] = hidden.filter(({ path }) => {
    const plain = path.slice(facts.root.length);
    return isNamedCan(plain) || isHiding(plain);
  });
  if (refused !== undefined) {
    const text = `${words(refused)}, and it may configure the same interface`;
    blockers.push({ code: 'pi/file-unreadable', text });
  }
  const others = hidden.filter((each) => each !== refused && !each.path.endsWith('.netdev'));
  for (const each of others) draft.note('note', `${words(each)}: if it is about CAN, it may come first.`);
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
    const names = [interfaceName, `canopus-${interfaceName}`, `canopus-${interfaceName}-2`];
    const path = freePath(
      facts,
      names.map((name) => `/etc/network/interfaces.d/${name}`),
    );
    if (path === null) {
      draft.blockers.push({
        code: 'pi/file-unreadable',
        text: `every name for a new file in /etc/network/interfaces.d is taken (${names.join(', ')})`,
      });
      return kept;
    }
    kept.add(path);
    const reason = `ifupdown brings ${interfaceName} up whenever the bridge appears, with ${wishes.bitrateBps} bit/s and room for ${wishes.txQueueLength} frames`;
    draft.changeFile(path, newInterfacesFile(wishes), reason);
    sourceFolder(draft);
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
  const sourced = parseInterfaces(text).sources.some(({ path }) =>
    /(^|\/)interfaces\.d(\/\*)?\/?$/.test(path),
  );
  if (sourced) return;
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  draft.changeFile(file.path, ended + line, 'ifupdown reads the folder only where this says so');
}

function planNetworkd(draft: PlanDraft, sources: readonly CanSource[]): Set<string> {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  const kept = new Set<string>();
  const own = sources.find((each) => each.kind === 'networkd' && each.isFirst);
  const edits = own?.kind === 'networkd' ? editNetworkFile(facts.root, own.parsed, wishes) : [];
  if (own?.kind === 'networkd' && (edits.length === 0 || !isForOthers(draft, own))) {
    kept.add(own.file.path);
    const refused = own.parsed.asksForRestart
      ? '; Linux refuses RestartSec for a bridge, and it stays down'
      : '';
    const reason = `systemd-networkd configures ${interfaceName} here${refused}`;
    for (const { path, text } of edits) draft.changeFile(path, text, reason);
  } else {
    const path = newNetworkPath(draft);
    if (path !== null) {
      kept.add(path);
      const reason = `systemd-networkd brings ${interfaceName} up whenever the bridge appears, with ${wishes.bitrateBps} bit/s`;
      draft.changeFile(path, newNetworkFile(wishes), reason);
    }
    // It serves another interface, and ours comes first.
    if (own?.kind === 'networkd') kept.add(own.file.path);
  }
  if (!usesNetworkd(facts)) enableNetworkd(draft);
  return kept;
}

/** A name that no file has and that sorts before every file that may take the interface: the first one applies. */
function newNetworkPath(draft: PlanDraft): string | null {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  const device = canDevice(facts, wishes);
  const rivals = networkUnits(facts, 'network').filter((unit) => {
    return readNetworkFile(unit, device, facts.hostName).fits !== 'no';
  });
  const first = rivals[0]?.name;
  const names = [
    ...(interfaceName === 'can0' ? ['25-can.network'] : []),
    ...['25', '10', '00', '00-00', '00--'].map((prefix) => `${prefix}-canopus-${interfaceName}.network`),
  ].filter((name) => first === undefined || name < first);
  const path = freePath(
    facts,
    names.map((name) => `/etc/systemd/network/${name}`),
  );
  if (path === null) {
    const text = `no name is free in /etc/systemd/network for a file that comes before ${first ?? 'the others'}`;
    draft.blockers.push({ code: 'pi/file-unreadable', text });
  }
  return path;
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

function planUnit(draft: PlanDraft): Set<string> {
  const { facts, wishes } = draft;
  const name = canUnitName(wishes.interfaceName);
  const path = `${facts.root}/etc/systemd/system/${name}`;
  draft.changeFile(
    path,
    newCanUnit(wishes),
    `systemd brings ${wishes.interfaceName} up whenever its device appears`,
  );
  if (draft.networkChanged) {
    draft.command(['systemctl', 'daemon-reload'], 'systemd reads the new unit', { undoAfter: true });
    draft.enableUnit(name, `the unit is started with the device of ${wishes.interfaceName}`, false);
  }
  return new Set([path]);
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
  const before = canSources(facts, wishes).filter((source) => isEffective(facts, source));
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
