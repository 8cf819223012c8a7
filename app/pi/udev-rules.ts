import { canCommand, withQueueLength as commandWithQueueLength, type CanCommand } from './can-commands.ts';
import { every, fitsPattern, not, propertyOf, some, type CanDevice, type Fit } from './can-device.ts';

interface RuleTerm {
  readonly key: string;
  /** In braces: `tx_queue_len` of `ATTR{tx_queue_len}`. */
  readonly attribute: string;
  readonly operator: string;
  readonly value: string;
}

/** A rule of udev(7); it may go on over several lines. */
export interface UdevRule {
  readonly first: number;
  readonly last: number;
  readonly terms: readonly RuleTerm[];
  /** Whether it holds for the interface when that appears. */
  readonly fits: Fit;
  /** The queue length that it gives the interface; null for none. */
  readonly txQueueLength: number | null;
  /** What it runs for the interface, by the index of the term. */
  readonly runs: readonly { readonly term: number; readonly command: CanCommand | null }[];
  /** Units that it starts with the device (ENV{SYSTEMD_WANTS}). */
  readonly wants: readonly string[];
}

const termPattern = /([A-Z_]+)(?:\{([^}]*)\})?\s*(==|!=|\+=|-=|:=|=)\s*e?"((?:[^"\\]|\\.)*)"/g;

/** What stands for the interface's name in a rule (udev(7), SUBSTITUTIONS). */
const nameAliases = ['$name', '%k', '$kernel', '$env{INTERFACE}', '%E{INTERFACE}', '$env{ID_NET_NAME}'];

/** The rules of a file that do something to the interface, or start something for it. */
export function udevRules(text: string, device: CanDevice): UdevRule[] {
  const rules: UdevRule[] = [];
  for (const { first, last, content } of logicalLines(text)) {
    const terms = [...content.matchAll(termPattern)].map(
      ([, key = '', attribute = '', operator = '', value = '']): RuleTerm => ({
        ...{ key, attribute, operator, value },
      }),
    );
    const fits = every(terms.map((term) => matchTerm(term, device)));
    const rule = { first, last, terms, fits, ...effects(terms, fits, device) };
    if (rule.txQueueLength !== null || rule.runs.length > 0 || rule.wants.length > 0) rules.push(rule);
  }
  return rules;
}

function logicalLines(text: string): { first: number; last: number; content: string }[] {
  const lines = text.split('\n');
  const found: { first: number; last: number; content: string }[] = [];
  for (let first = 0; first < lines.length; first += 1) {
    let content = (lines[first] ?? '').trimEnd();
    // A comment does not go on.
    if (content.trimStart().startsWith('#')) continue;
    let last = first;
    while (content.endsWith('\\') && last + 1 < lines.length) {
      last += 1;
      content = `${content.slice(0, -1)} ${(lines[last] ?? '').trim()}`;
    }
    found.push({ first, last, content });
    first = last;
  }
  return found;
}

function effects(
  terms: readonly RuleTerm[],
  fits: Fit,
  device: CanDevice,
): Pick<UdevRule, 'txQueueLength' | 'runs' | 'wants'> {
  if (fits === 'no') return { txQueueLength: null, runs: [], wants: [] };
  const assigned = terms.filter(({ operator }) => operator !== '==' && operator !== '!=');
  const queue = assigned.findLast(({ key, attribute }) => key === 'ATTR' && attribute === 'tx_queue_len');
  const runs = terms.flatMap((term, index) => {
    if (term.key !== 'RUN' || term.attribute === 'builtin' || !assigned.includes(term)) return [];
    const command = canCommand(term.value, device.name, nameAliases);
    // A script by the name of CAN does what only its author knows.
    const isAboutCan = command !== null || /(?:^|[^a-z])can(?:$|[^a-z])|ifup/i.test(term.value);
    return isAboutCan && aboutCan(terms, device) ? [{ term: index, command }] : [];
  });
  const wants = assigned
    .filter(({ key, attribute }) => key === 'ENV' && /^SYSTEMD_(?:USER_)?WANTS$/.test(attribute))
    .flatMap(({ value }) => value.split(/\s+/));
  return {
    // A rule for all of a kind of device that is not CAN alone is not ours to change, but it counts.
    txQueueLength: queue !== undefined && /^\d+$/.test(queue.value) ? Number(queue.value) : null,
    runs,
    wants: aboutCan(terms, device) ? wants.filter((each) => each !== '') : [],
  };
}

/** It asks for something that only a CAN interface, or this adapter, has; or it names the interface in what it runs. */
export function aboutCan(terms: readonly RuleTerm[], device: CanDevice): boolean {
  return terms.some(({ key, attribute, operator, value }) => {
    if (operator !== '==') return key === 'RUN' && canCommand(value, device.name) !== null;
    if (key === 'KERNEL' || key === 'NAME' || key === 'ENV') {
      return /^can/.test(value) || value === device.name || attribute === 'ID_SERIAL_SHORT';
    }
    if (key === 'DRIVERS' || key === 'DRIVER') return /gs_usb|mcp25|can/.test(value);
    return (
      /^(?:ATTR|ATTRS)$/.test(key) && (value === '280' || /^(?:serial|idProduct|product)$/.test(attribute))
    );
  });
}

function matchTerm({ key, attribute, operator, value }: RuleTerm, device: CanDevice): Fit {
  if (operator !== '==' && operator !== '!=') return 'yes';
  const fit = some(
    value
      .split('|')
      .flatMap((pattern) => valuesOf(key, attribute, device).map((each) => fitsPattern(each, pattern))),
  );
  return operator === '==' ? fit : not(fit);
}

/** The values that a key may have for the device or, of keys that look at parents, for one of those. */
function valuesOf(key: string, attribute: string, device: CanDevice): (string | null | undefined)[] {
  const hex = (id: number | undefined): string | undefined => id?.toString(16).padStart(4, '0');
  switch (key) {
    case 'SUBSYSTEM':
      // What is done to the USB device is done when its interface appears, too.
      return device.usb === null ? ['net'] : ['net', 'usb'];
    case 'SUBSYSTEMS':
      return device.usb === null ? ['net', undefined] : ['net', 'usb'];
    case 'ACTION':
      return ['add'];
    case 'KERNEL':
    case 'NAME':
      return device.kernelNames.length === 0 ? [undefined] : [...device.kernelNames, device.name];
    case 'DRIVERS':
    case 'DRIVER':
      return [device.driver ?? undefined, ...(device.usb === null ? [] : ['usb'])];
    case 'ENV':
      return attribute === 'INTERFACE' ? [device.name] : [propertyOf(device, attribute)];
    case 'ATTR':
    case 'ATTRS':
      switch (attribute) {
        case 'type':
          return ['280'];
        case 'serial':
          return [device.usb?.serial ?? undefined];
        case 'idVendor':
          return [hex(device.usb?.vendorId)];
        case 'idProduct':
          return [hex(device.usb?.productId)];
        case 'product':
          return [device.usb?.product ?? undefined];
        default:
          return [undefined];
      }
    default:
      return [undefined];
  }
}

/** The file with another queue length in every rule that gives the interface one, be it by a command. */
export function rulesWithQueueLength(text: string, device: CanDevice, txQueueLength: number): string {
  const lines = text.split('\n');
  for (const rule of udevRules(text, device)) {
    for (let line = rule.first; line <= rule.last; line += 1) {
      const content = (lines[line] ?? '').replace(
        /(ATTR\{tx_queue_len\}\s*:?=\s*")\d+/,
        `$1${txQueueLength}`,
      );
      lines[line] = rule.runs.some(({ command }) => typeof command?.txQueueLength === 'number')
        ? commandWithQueueLength(content, txQueueLength)
        : content;
    }
  }
  return lines.join('\n');
}

/**
 * The file without what its rules run to bring the interface up. The old rule stays as a comment, and what else it does
 * as a rule.
 */
export function rulesWithoutRuns(text: string, device: CanDevice): string {
  const lines = text.split('\n');
  for (const { first, last, terms, runs } of udevRules(text, device)) {
    const out = new Set(runs.filter(({ command }) => command?.bringsUp !== false).map(({ term }) => term));
    if (out.size === 0) continue;
    const kept = terms.filter((_, index) => !out.has(index));
    const rest = kept.some(({ operator }) => operator !== '==' && operator !== '!=')
      ? [kept.map(termText).join(', ')]
      : [];
    const old = lines.slice(first, last + 1).map((line) => `#${line.replace(/\s*\\\s*$/, '')}`);
    // The number of lines stays, because other rules are known by theirs.
    lines[first] = [...old, ...rest].join('\n');
    for (let line = first + 1; line <= last; line += 1) lines[line] = '\0';
  }
  return lines.filter((line) => line !== '\0').join('\n');
}

function termText({ key, attribute, operator, value }: RuleTerm): string {
  return `${key}${attribute === '' ? '' : `{${attribute}}`}${operator}"${value}"`;
}

/** A rule that gives one CAN interface the queue length, or all of them where `which` is null. */
export function newQueueRule(
  which: { readonly interfaceName: string } | { readonly usbSerial: string } | null,
  txQueueLength: number,
): string {
  const terms =
    which === null
      ? ''
      : 'usbSerial' in which
        ? // Its name is another one when it appears.
          `ATTRS{serial}=="${which.usbSerial}", `
        : `KERNEL=="${which.interfaceName}", `;
  return `SUBSYSTEM=="net", ACTION=="add|change", ATTR{type}=="280", ${terms}ATTR{tx_queue_len}="${txQueueLength}"\n`;
}
