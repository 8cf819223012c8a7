import { matchesWildcard } from '../wildcard.ts';
import type { CanDevice, Fit } from './can-device.ts';
import { matchSection } from './network-match.ts';
import { lastValue, NetworkUnitEdit, type ChangedFile, type NetworkUnit } from './network-units.ts';
import { parseBitRate } from './unit-file.ts';

/** Whether a .network file is for this interface, and what it configures (systemd.network(5)). */
export interface NetworkFile {
  readonly unit: NetworkUnit;
  readonly fits: Fit;
  /** It has a [CAN] section or asks for what only CAN interfaces, or this adapter, have. */
  readonly aboutCan: boolean;
  readonly bitrateBps: number | null;
  /**
   * It asks Linux to restart the controller after bus-off. A bridge does that itself, and kernels since the summer of
   * 2025 (Linux 6.16, and the stable ones) refuse it for gs_usb: systemd-networkd then leaves the interface down.
   */
  readonly asksForRestart: boolean;
  readonly requiredForOnline: boolean;
}

/** Reads a .network file for one interface. */
export function readNetworkFile(unit: NetworkUnit, device: CanDevice, hostName: string | null): NetworkFile {
  const bitRate = lastValue(unit, 'CAN', 'BitRate');
  const hasCan = unit.parts.some(({ unit: part }) => part.sections.some(({ name }) => name === 'CAN'));
  return {
    unit,
    fits: matchSection(unit.entries, device, hostName),
    aboutCan: hasCan || asksForCan(unit, device),
    bitrateBps: bitRate === null ? null : parseBitRate(bitRate),
    asksForRestart: lastValue(unit, 'CAN', 'RestartSec') !== null,
    requiredForOnline: lastValue(unit, 'Link', 'RequiredForOnline')?.toLowerCase() !== 'no',
  };
}

/** Its [Match] section asks for what only CAN interfaces, or this adapter, have. */
function asksForCan(unit: NetworkUnit, device: CanDevice): boolean {
  return unit.entries
    .filter(({ section }) => section === 'Match')
    .some(({ key, value }) => {
      if (value.startsWith('!')) return false;
      const words = value.split(/\s+/);
      switch (key) {
        case 'Type':
        case 'Kind':
          return words.every((word) => word === 'can' || word === 'vcan');
        case 'Driver':
          return words.every((word) => /^(?:gs_usb|mcp25\w+|\w*can\w*)$/.test(word));
        case 'Name':
        case 'OriginalName':
          return words.every((word) => word === device.name || /^v?s?can[\d*?[]/.test(word));
        case 'Property':
          return words.some((word) =>
            /^"?(?:ID_SERIAL(?:_SHORT)?|ID_MODEL_ID|ID_USB_SERIAL_SHORT|ID_(?:NET|USB)_DRIVER)=/.test(word),
          );
        case 'Path':
          return words.every(
            (word) => !/^\*|\*usb\*/.test(word) || word === device.properties.get('ID_PATH'),
          );
        default:
          return false;
      }
    });
}

interface NetworkdWish {
  readonly interfaceName: string;
  readonly bitrateBps: number;
}

/** A whole .network file. */
export function newNetworkFile({ interfaceName, bitrateBps }: NetworkdWish): string {
  return `[Match]
Name=${interfaceName}

[CAN]
BitRate=${bitrateBps}

[Link]
RequiredForOnline=no
`;
}

/**
 * The files with the bit rate corrected, without what the kernel refuses, and not required for being online: a board
 * may be unplugged.
 */
export function editNetworkFile(
  root: string,
  file: NetworkFile,
  wish: Pick<NetworkdWish, 'bitrateBps'>,
): ChangedFile[] {
  const edit = new NetworkUnitEdit(root, file.unit);
  if (file.bitrateBps !== wish.bitrateBps) edit.set('CAN', 'BitRate', String(wish.bitrateBps));
  if (file.asksForRestart) edit.commentOut('CAN', 'RestartSec');
  if (file.requiredForOnline) edit.set('Link', 'RequiredForOnline', 'no');
  return edit.changed;
}

/** What a .link file does to an interface when it appears (systemd.link(5)); only the first that fits does anything. */
export interface LinkFile {
  readonly unit: NetworkUnit;
  readonly fits: Fit;
  readonly aboutCan: boolean;
  /** Since systemd 248. */
  readonly txQueueLength: number | null;
  /** The fixed name that it gives the interface. */
  readonly name: string | null;
}

export function readLinkFile(unit: NetworkUnit, device: CanDevice, hostName: string | null): LinkFile {
  const queue = lastValue(unit, 'Link', 'TransmitQueueLength');
  return {
    unit,
    fits: matchSection(unit.entries, device, hostName),
    aboutCan: asksForCan(unit, device),
    txQueueLength: queue !== null && /^\d+$/.test(queue) ? Number(queue) : null,
    name: lastValue(unit, 'Link', 'Name'),
  };
}

export function editLinkFile(root: string, file: LinkFile, txQueueLength: number): ChangedFile[] {
  const edit = new NetworkUnitEdit(root, file.unit);
  edit.set('Link', 'TransmitQueueLength', String(txQueueLength));
  return edit.changed;
}

/**
 * Gives the interface of one USB device a fixed name (systemd.link(5); Property= needs systemd 243). No other file
 * applies to it, so the queue length is here, too.
 */
export function newLinkFile(interfaceName: string, usbSerial: string, txQueueLength: number): string {
  return `[Match]
Property=ID_SERIAL_SHORT=${usbSerial}
Driver=gs_usb

[Link]
Name=${interfaceName}
TransmitQueueLength=${txQueueLength}
`;
}

/** The serial number that a .link file asks for; null if it asks for none, or for several. */
export function serialOfLink(unit: NetworkUnit): string | null {
  const serials = unit.entries.flatMap(({ section, key, value }) =>
    section === 'Match' && key === 'Property'
      ? [...value.matchAll(/ID_SERIAL_SHORT=([A-Za-z0-9]+)/g)].flatMap(([, serial]) => serial ?? [])
      : [],
  );
  return serials.length === 1 ? (serials[0] ?? null) : null;
}

/** A .netdev file that makes a virtual interface with the name of the real one. */
export function makesInterface(unit: NetworkUnit, interfaceName: string): boolean {
  const name = lastValue(unit, 'NetDev', 'Name');
  return name !== null && matchesWildcard(interfaceName, name);
}

/** A unit that brings the interface up whenever its device appears, for systems without a network stack that would. */
export function newCanUnit(wish: NetworkdWish & { readonly txQueueLength: number }): string {
  const { interfaceName, bitrateBps, txQueueLength } = wish;
  const device = deviceUnit(interfaceName);
  return `[Unit]
Description=CAN interface ${interfaceName} for Klipper
BindsTo=${device}
After=${device}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/ip link set ${interfaceName} type can bitrate ${bitrateBps}
ExecStart=/sbin/ip link set ${interfaceName} txqueuelen ${txQueueLength}
ExecStart=/sbin/ip link set ${interfaceName} up
ExecStop=-/sbin/ip link set ${interfaceName} down

[Install]
WantedBy=${device}
`;
}

/** The unit that is there as long as the interface is. */
export function deviceUnit(interfaceName: string): string {
  return `sys-subsystem-net-devices-${escapeUnitName(interfaceName)}.device`;
}

/** systemd.unit(5), String Escaping for Inclusion in Unit Names: a dash becomes \x2d. */
export function escapeUnitName(name: string): string {
  return name.replace(
    /[^A-Za-z0-9:_.]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
