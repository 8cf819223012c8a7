import { matchesGlob } from '../printer-config/config-glob.ts';
import {
  parseBitRate,
  parseUnitFile,
  unitValues,
  withoutUnitValue,
  withUnitValue,
  type UnitFile,
} from './unit-file.ts';

/** Whether a .network file is for this interface, and what it configures (systemd.network(5)). */
export interface NetworkFile {
  readonly unit: UnitFile;
  readonly matches: boolean;
  /** It has a [CAN] section or matches names or types that only CAN interfaces have. */
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
export function parseNetworkFile(text: string, interfaceName: string): NetworkFile {
  const unit = parseUnitFile(text);
  const names = unitValues(unit, 'Match', 'Name')
    .flatMap((value) => value.split(/\s+/))
    .filter((name) => name !== '');
  const types = unitValues(unit, 'Match', 'Type').flatMap((value) => value.split(/\s+/));
  const negated = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  const positive = names.filter((name) => !name.startsWith('!'));
  const fits = (pattern: string): boolean => matchesGlob(interfaceName, pattern);
  const byName = !negated.some(fits) && (positive.length === 0 ? names.length > 0 : positive.some(fits));
  const hasCan = unit.sections.some(({ name }) => name === 'CAN');
  const bitRate = unitValues(unit, 'CAN', 'BitRate').at(-1);
  return {
    unit,
    matches: names.length > 0 ? byName : types.includes('can'),
    aboutCan: hasCan || types.includes('can') || positive.some((name) => /^can/.test(name)),
    bitrateBps: bitRate === undefined ? null : parseBitRate(bitRate),
    asksForRestart: unitValues(unit, 'CAN', 'RestartSec').length > 0,
    requiredForOnline: unitValues(unit, 'Link', 'RequiredForOnline').at(-1)?.toLowerCase() !== 'no',
  };
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
 * The file with its bit rate corrected, without what the kernel refuses, and not required for being online: a board may
 * be unplugged.
 */
export function editNetworkFile(file: NetworkFile, wish: NetworkdWish): string {
  let text = file.unit.text;
  if (file.bitrateBps !== wish.bitrateBps) {
    text = withUnitValue(file.unit, 'CAN', 'BitRate', String(wish.bitrateBps));
  }
  if (file.asksForRestart) text = withoutUnitValue(parseUnitFile(text), 'CAN', 'RestartSec');
  if (file.requiredForOnline) text = withUnitValue(parseUnitFile(text), 'Link', 'RequiredForOnline', 'no');
  return text;
}

/** Gives the interface of one USB device a fixed name (systemd.link(5); Property= needs systemd 243). */
export function newLinkFile(interfaceName: string, usbSerial: string): string {
  return `[Match]
Property=ID_SERIAL_SHORT=${usbSerial}
Driver=gs_usb

[Link]
Name=${interfaceName}
`;
}

/** Lines of udev rules that set a CAN interface's queue length, with the value. */
export function queueRules(text: string): { readonly line: number; readonly value: number }[] {
  return text.split('\n').flatMap((content, line) => {
    if (content.trim().startsWith('#')) return [];
    const value = /ATTR\{tx_queue_len\}\s*=\s*"(\d+)"/.exec(content)?.[1];
    const aboutCan = /"can|"280"|\{serial\}/.test(content);
    return value !== undefined && aboutCan ? [{ line, value: Number(value) }] : [];
  });
}

/** The rules with another queue length in every line that sets one for CAN. */
export function withQueueLength(text: string, txQueueLength: number): string {
  const lines = text.split('\n');
  for (const { line } of queueRules(text)) {
    lines[line] = (lines[line] ?? '').replace(/(ATTR\{tx_queue_len\}\s*=\s*")\d+/, `$1${txQueueLength}`);
  }
  return lines.join('\n');
}

/** A rule that gives every CAN interface the queue length: at 10-, long before anything brings it up. */
export function newQueueRule(txQueueLength: number): string {
  return `SUBSYSTEM=="net", ACTION=="add|change", ATTR{type}=="280", ATTR{tx_queue_len}="${txQueueLength}"\n`;
}

/** A unit that brings the interface up whenever its device appears, for systems without a network stack that would. */
export function newCanUnit(wish: NetworkdWish & { readonly txQueueLength: number }): string {
  const { interfaceName, bitrateBps, txQueueLength } = wish;
  const device = `sys-subsystem-net-devices-${escapeUnitName(interfaceName)}.device`;
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

/** systemd.unit(5), String Escaping for Inclusion in Unit Names: a dash becomes \x2d. */
export function escapeUnitName(name: string): string {
  return name.replace(
    /[^A-Za-z0-9:_.]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
