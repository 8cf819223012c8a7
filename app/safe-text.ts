/**
 * Text from elsewhere (devices, Pis, files, programs, pages) on its way to a person. A terminal obeys control
 * characters (ECMA-48), and direction marks (Unicode TR36) show one text as another. What cannot be seen is
 * written as an escape: `\x1b`, `\u{202e}`.
 */

/** Controls, formats, halves of pairs and line separators, but for the two joiners: scripts and emoji need those. */
const unseen = /(?!\u200c|\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** The same without tab and line feed. */
const unseenInLines = /(?!\u200c|\u200d|\t|\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** One line, of at most `maxLength` characters with a mark for what is missing. */
export function safeText(text: string, maxLength = Infinity): string {
  const cut = text.length > maxLength ? `${text.slice(0, Math.max(0, maxLength - 1))}…` : text;
  return cut.replace(unseen, escapeOf);
}

/** Lines: tabs and line feeds stay. */
export function safeLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unseenInLines, escapeOf);
}

/** JSON on one line, which means the same: what a terminal might obey is written as JSON's own escape (RFC 8259 7). */
export function safeJson(value: unknown): string {
  return safeJsonText(JSON.stringify(value));
}

/** The same for a text that is JSON already. */
export function safeJsonText(json: string): string {
  return json.replace(unseen, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}
