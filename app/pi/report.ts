import { CanopusError } from '../errors.ts';

/** One part of a report: a name, the rest of its line, and what it found. */
export interface ReportPart {
  readonly name: string;
  readonly argument: string;
  readonly body: string;
}

/**
 * The output of the facts script: parts, each starting with a line `@NONCE name argument`. The authors of the files in
 * it did not know the nonce, so no content can be mistaken for the next part. The last part is `end`.
 */
export interface PiReport {
  readonly parts: readonly ReportPart[];
}

/** Each file of a configuration is a part. Parts are compared with each other, so there must be an end to them. */
const maxParts = 10_000;

/** Splits a report into its parts. Throws `pi/bad-report` if its end is missing or there are too many. */
export function parseReport(text: string, nonce: string): PiReport {
  const mark = `@${nonce} `;
  const parts: ReportPart[] = [];
  let at = text.startsWith(mark) ? 0 : text.indexOf(`\n${mark}`) + 1;
  if (at === 0 && !text.startsWith(mark)) throw badReport('it has no beginning', text.length);
  for (;;) {
    const lineEnd = text.indexOf('\n', at);
    const head = text.slice(at + mark.length, lineEnd < 0 ? text.length : lineEnd);
    const space = head.indexOf(' ');
    const name = space < 0 ? head : head.slice(0, space);
    const argument = space < 0 ? '' : head.slice(space + 1);
    if (name === 'end') return { parts };
    if (lineEnd < 0) throw badReport('its end is missing', text.length);
    // The script starts each mark on a new line, so one line end belongs to it and not to the content.
    const next = text.indexOf(`\n${mark}`, lineEnd);
    if (next < 0) throw badReport('its end is missing', text.length);
    if (parts.length === maxParts) throw badReport(`it has more than ${maxParts} parts`, text.length);
    parts.push({ name, argument, body: text.slice(lineEnd + 1, Math.max(next, lineEnd + 1)) });
    at = next + 1;
  }
}

function badReport(why: string, length: number): CanopusError {
  const message = `the report of ${length} characters cannot be read: ${why}`;
  return new CanopusError('pi/bad-report', message, { length });
}

/** The first part of that name; null if there is none. */
export function partOf(report: PiReport, name: string): ReportPart | null {
  return report.parts.find((part) => part.name === name) ?? null;
}

export function partsOf(report: PiReport, name: string): ReportPart[] {
  return report.parts.filter((part) => part.name === name);
}

/** The lines of a part without empty ones; none if the part is missing. */
export function linesOf(part: ReportPart | null): string[] {
  return part === null ? [] : part.body.split('\n').filter((line) => line.trim() !== '');
}

/** `NAME=value` lines with optional quotes, as in /etc/os-release. */
export function assignmentsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of lines) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (!match?.[1] || match[2] === undefined) continue;
    const value = match[2].trim();
    const quoted = /^(["'])(.*)\1$/.exec(value);
    values.set(match[1], quoted?.[2] ?? value);
  }
  return values;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** By character code; 255 for what is no digit. A table, because a Pi may send millions of them. */
const values = new Uint8Array(128).fill(255);
for (let digit = 0; digit < alphabet.length; digit += 1) values[alphabet.charCodeAt(digit)] = digit;

/** Decodes base64 text; skips line ends and other foreign characters. */
export function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length; at += 1) {
    const value = values[text.charCodeAt(at)] ?? 255;
    if (value === 255) continue;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length] = (held >> bits) & 0xff;
    length += 1;
  }
  return bytes.slice(0, length);
}

/** Base64 of bytes, in one line. */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const left = bytes.length - at;
    const group = (a << 16) | (b << 8) | c;
    const digit = (shift: number): string => alphabet.charAt((group >> shift) & 63);
    parts.push(digit(18), digit(12), left > 1 ? digit(6) : '=', left > 2 ? digit(0) : '=');
  }
  return parts.join('');
}
