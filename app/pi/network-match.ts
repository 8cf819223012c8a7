import { every, fitsPattern, not, propertyOf, some, type CanDevice, type Fit } from './can-device.ts';
import type { UnitEntry } from './unit-file.ts';

/**
 * Whether the [Match] section of a .link or .network file holds for a device (systemd.link(5), systemd.network(5)):
 * all keys must, and of the patterns of a key one that is not negated and none that is. A section without keys matches
 * nothing.
 */
export function matchSection(entries: readonly UnitEntry[], device: CanDevice, hostName: string | null): Fit {
  const keys = new Map<string, string[]>();
  for (const { section, key, value } of entries) {
    if (section !== 'Match') continue;
    // An empty value takes the earlier ones back.
    keys.set(key, value === '' ? [] : [...(keys.get(key) ?? []), ...patternsOf(value)]);
  }
  const asked = [...keys].filter(([, patterns]) => patterns.length > 0);
  if (asked.length === 0) return 'no';
  return every(asked.map(([key, patterns]) => matchKey(key, patterns, device, hostName)));
}

/** A "!" at the start of a value negates each of its words. */
function patternsOf(value: string): string[] {
  const negated = value.startsWith('!');
  return value
    .slice(negated ? 1 : 0)
    .split(/\s+/)
    .map((word) => unquoted(word))
    .filter((word) => word !== '')
    .map((word) => (negated ? `!${word}` : word));
}

function unquoted(word: string): string {
  return word.replace(/^(["'])(.*)\1$/, '$2');
}

function matchKey(key: string, patterns: readonly string[], device: CanDevice, hostName: string | null): Fit {
  const against = (values: readonly (string | null | undefined)[]): Fit => oneOf(values, patterns);
  switch (key) {
    case 'Name':
      return against([device.name]);
    case 'OriginalName':
      return against(device.kernelNames.length > 0 ? device.kernelNames : [undefined]);
    case 'Type':
    case 'Kind':
      return against(['can']);
    case 'Driver':
      return against([device.driver ?? undefined]);
    case 'Path':
      return against([propertyOf(device, 'ID_PATH')]);
    case 'Property':
      return every(
        patterns.map((pattern) => {
          const negated = pattern.startsWith('!');
          const [name = '', ...rest] = pattern.slice(negated ? 1 : 0).split('=');
          const fit = fitsPattern(propertyOf(device, name), rest.join('='));
          return negated ? not(fit) : fit;
        }),
      );
    case 'Host':
      return against([hostName ?? undefined]);
    // CAN interfaces have no address, and no radio.
    case 'MACAddress':
    case 'PermanentMACAddress':
    case 'WLANInterfaceType':
    case 'SSID':
    case 'BSSID':
      return against([null]);
    default:
      return 'maybe';
  }
}

function oneOf(values: readonly (string | null | undefined)[], patterns: readonly string[]): Fit {
  const positive = patterns.filter((each) => !each.startsWith('!'));
  const negative = patterns.filter((each) => each.startsWith('!')).map((each) => each.slice(1));
  const any = (list: readonly string[]): Fit =>
    some(values.flatMap((value) => list.map((pattern) => fitsPattern(value, pattern))));
  return every([positive.length === 0 ? 'yes' : any(positive), not(any(negative))]);
}
