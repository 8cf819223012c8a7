import { canDevice } from './can-device.ts';
import { linkFiles } from './can-sources.ts';
import { newLinkFile, serialOfLink } from './networkd.ts';
import { lastValue, networkUnits, overriding } from './network-units.ts';
import type { PlanDraft } from './plan-draft.ts';

/** Ties the interface's name to one board, in the one .link file that applies to it. */
export function planPin(draft: PlanDraft, usbSerial: string): void {
  const { facts, wishes } = draft;
  const { interfaceName } = wishes;
  const folder = `${facts.root}/etc/systemd/network`;
  const earlier = `${folder}/10-canopus-${interfaceName}.link`;
  const links = networkUnits(facts, 'link');
  takeNameBack(draft, usbSerial);
  const fitting = linkFiles(facts, canDevice(facts, wishes)).filter(
    ({ unit }) => unit.parts[0].file.path !== earlier,
  );
  const own = links.find(
    (unit) => serialOfLink(unit) === usbSerial && lastValue(unit, 'Link', 'Name') === interfaceName,
  );
  const text = newLinkFile(interfaceName, usbSerial, wishes.txQueueLength);
  const isOwn = (name: string): boolean => new RegExp(`^0[0-]*-canopus-${interfaceName}\\.link$`).test(name);
  const first = fitting.find(({ unit }) => !isOwn(unit.name))?.unit.name;
  // systemd applies the first file that fits and no other.
  const name = ['00', '00-00', '00--']
    .map((prefix) => `${prefix}-canopus-${interfaceName}.link`)
    .find(
      (each) =>
        (first === undefined || each < first) && !isTaken(draft, `${folder}/${each}`, own?.name === each),
    );
  if (name === undefined) {
    const text = `no name is free in /etc/systemd/network for a .link file that comes before ${first ?? 'the others'}`;
    draft.blockers.push({ code: 'pi/file-unreadable', text });
    return;
  }
  const reason = `the board with the USB serial number ${usbSerial} always gets the name ${interfaceName}`;
  draft.changeFile(`${folder}/${name}`, text, reason);
  if (facts.files.has(earlier)) {
    draft.changeFile(
      earlier,
      null,
      `an earlier Canopus wrote it where another file may come first; now it is ${name}`,
    );
  }
  const now = facts.interfaces.find(({ usb }) => usb?.serial === usbSerial);
  if (now && now.name !== interfaceName) {
    draft.note(
      'warning',
      `The new name applies from the next time the board is plugged in; now it is called ${now.name}.`,
    );
  }
}

function isTaken({ facts }: PlanDraft, path: string, isOwn: boolean): boolean {
  return !isOwn && (facts.files.has(path) || facts.unread.has(path));
}

/** Two boards cannot have one name: a file that gives it to another board goes. */
function takeNameBack(draft: PlanDraft, usbSerial: string): void {
  const { facts, wishes } = draft;
  for (const unit of networkUnits(facts, 'link')) {
    const serial = serialOfLink(unit);
    if (serial === null || serial === usbSerial) continue;
    if (lastValue(unit, 'Link', 'Name') !== wishes.interfaceName) continue;
    const { path } = unit.parts[0].file;
    const isHere = facts.usb.some((each) => each.serial === serial);
    if (isHere || !wishes.removeRivals) {
      const text = `${path} gives the name ${wishes.interfaceName} to another board (${serial})${isHere ? ', which is plugged in' : ''}: choose another name`;
      draft.blockers.push({ code: 'pi/name-taken', text });
    } else {
      const own = overriding(facts.root, path);
      draft.changeFile(
        own,
        own === path ? null : '',
        `it gives the same name to a board that is not there (${serial})`,
      );
    }
  }
}
