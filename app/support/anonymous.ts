import { withoutSecrets } from '../secret-shapes.ts';

/** What names a person or a computer of theirs. */
export interface PersonalNames {
  readonly people: readonly string[];
  readonly computers: readonly string[];
  /** Folders whose path names a person. */
  readonly homes: readonly string[];
}

/** Users that every system of a kind has, and names that are words of the texts. */
const impersonal = new Set(['pi', 'root', 'user', 'admin', 'localhost', 'biqu', 'mks', 'voron', 'canopus']);

const address = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const timeOfDay = /^\d{1,2}:\d{2}:\d{2}$/;
const longAddress =
  /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})+(?![\w:])|(?<![\w:])[0-9a-f]{1,4}::[0-9a-f:]+/gi;
const hardwareAddress = /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi;
const mail = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const login = /\b([\w.-]+)@([\w-]+(?:\.[\w-]+)*)/g;
const localName = /\b[\w-]+\.(?:local|lan|home|fritz\.box)\b/gi;
const userFolder = /((?:\/home\/|\/Users\/|[A-Za-z]:(?:\\{1,2}|\/)Users(?:\\{1,2}|\/)))([^/\\"'\s:]+)/g;

/**
 * Returns a function that takes secrets, names and addresses out of texts. One name becomes the same words in every
 * text, such as `[computer 2]`, so that a reader still sees what belongs together. UIDs of chips stay: they name no
 * person, and faults follow them.
 */
export function anonymousText(names: PersonalNames): (text: string) => string {
  const given = new Map<string, string>();
  const numbers = new Map<string, number>();
  const instead = (kind: string, name: string): string => {
    const key = `${kind} ${name.toLowerCase()}`;
    const known = given.get(key);
    if (known !== undefined) return known;
    const number = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, number);
    const words = `[${kind} ${number}]`;
    given.set(key, words);
    return words;
  };
  const known = [
    ...names.homes.map((name) => ['home', name] as const),
    ...names.people.map((name) => ['person', name] as const),
    ...names.computers.map((name) => ['computer', name] as const),
  ]
    .filter(([, name]) => name.length > 1 && !impersonal.has(name.toLowerCase()))
    // The longest first: a name may be part of another.
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([kind, name]) => [kind, name, wholeName(name)] as const);
  return (text) => {
    let clean = withoutSecrets(text);
    for (const [kind, name, pattern] of known) clean = clean.replace(pattern, () => instead(kind, name));
    return clean
      .replace(hardwareAddress, (found) => instead('hardware address', found))
      .replace(address, (found) =>
        found.startsWith('127.') || found === '0.0.0.0' ? found : instead('address', found),
      )
      .replace(longAddress, (found) => (timeOfDay.test(found) ? found : instead('address', found)))
      .replace(mail, (found) => instead('mail or login', found))
      .replace(login, (_, user: string, host: string) =>
        [user, host]
          .map((part, at) =>
            impersonal.has(part.toLowerCase()) ? part : instead(at === 0 ? 'person' : 'computer', part),
          )
          .join('@'),
      )
      .replace(localName, (found) => instead('computer', found))
      .replace(userFolder, (_, folder: string, user: string) =>
        impersonal.has(user.toLowerCase()) || user.startsWith('[')
          ? `${folder}${user}`
          : `${folder}${instead('person', user)}`,
      );
  };
}

/** The name where it is a word of its own, in any case; in JSON a backslash is written twice. */
function wholeName(name: string): RegExp {
  const escaped = name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('\\\\', '\\\\{1,2}');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'giu');
}
