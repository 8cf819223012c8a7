/** What Apple's property lists hold, as far as diskutil prints it (Apple, plist(5), PropertyList-1.0.dtd). */
export type PlistValue =
  string | number | boolean | readonly PlistValue[] | { readonly [key: string]: PlistValue };

/** diskutil nests four deep. */
const deepest = 32;

const token = /<(\/?)(plist|dict|array|key|string|integer|real|true|false|date|data)\b[^>]*?(\/?)>([^<]*)/g;

/** Reads an XML property list. Null if it is none, or is cut short. */
export function parsePlist(xml: string): PlistValue | null {
  const reader = new PlistReader([...xml.matchAll(token)]);
  return reader.whole();
}

class PlistReader {
  readonly #tokens: readonly RegExpExecArray[];
  #at = 0;

  constructor(tokens: readonly RegExpExecArray[]) {
    this.#tokens = tokens;
  }

  whole(): PlistValue | null {
    if (!this.#opens('plist')) return null;
    this.#at += 1;
    const value = this.#value(0);
    return value !== null && this.#closes('plist') ? value : null;
  }

  #opens(name: string): boolean {
    const [, slash, found] = this.#tokens[this.#at] ?? [];
    return found === name && slash === '';
  }

  #closes(name: string): boolean {
    const [, slash, found] = this.#tokens[this.#at] ?? [];
    return found === name && slash === '/';
  }

  #value(depth: number): PlistValue | null {
    const [, slash, name, isEmpty, text = ''] = this.#tokens[this.#at] ?? [];
    if (name === undefined || slash === '/' || depth > deepest) return null;
    this.#at += 1;
    if (name === 'true' || name === 'false') return this.#end(name, isEmpty, name === 'true');
    if (name === 'dict') return isEmpty === '/' ? {} : this.#dict(depth);
    if (name === 'array') return isEmpty === '/' ? [] : this.#array(depth);
    const isNumber = name === 'integer' || name === 'real';
    return this.#end(name, isEmpty, isNumber ? Number(text) : unescaped(text));
  }

  #end<T extends PlistValue>(name: string, isEmpty: string | undefined, value: T): T | null {
    if (isEmpty === '/') return value;
    if (!this.#closes(name)) return null;
    this.#at += 1;
    return value;
  }

  #array(depth: number): PlistValue | null {
    const items: PlistValue[] = [];
    while (!this.#closes('array')) {
      const item = this.#value(depth + 1);
      if (item === null) return null;
      items.push(item);
    }
    this.#at += 1;
    return items;
  }

  #dict(depth: number): PlistValue | null {
    const entries: [string, PlistValue][] = [];
    while (!this.#closes('dict')) {
      if (!this.#opens('key')) return null;
      const key = this.#value(depth + 1);
      const value = this.#value(depth + 1);
      if (typeof key !== 'string' || value === null) return null;
      entries.push([key, value]);
    }
    this.#at += 1;
    return Object.fromEntries(entries);
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');
}
