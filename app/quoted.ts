/**
 * Text of another machine, to be shown: control characters are left out (an escape sequence would act on the reader's
 * terminal), line ends and tabs become spaces, and it is cut at `maxLength` characters.
 */
export function quoted(text: string, maxLength = 500): string {
  const plain = text
    .slice(0, maxLength * 4)
    // CSI and OSC sequences of ECMA-48 whole, so that no `[31m` is left over.
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g, '')
    .replace(/[\r\n\t]+/g, ' ')
    // C0, DEL, C1, and the marks that turn the direction of what follows.
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
  return plain.length > maxLength ? `${plain.slice(0, maxLength - 1)}…` : plain;
}
