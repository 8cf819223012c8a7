const stringDescriptorType = 3;

/**
 * Text of a string descriptor (`| bLength | 03 | UTF-16LE |`, USB 2.0, 9.6.7) as it arrived on the bus. bLength is only
 * a claim: the F429 ROM says 166 and sends 112 bytes, so what arrived counts. Null if it is not a string descriptor.
 */
export function decodeStringDescriptor(answer: Uint8Array): string | null {
  if (answer.length < 2 || answer[1] !== stringDescriptorType) return null;
  const end = Math.min(answer[0] ?? 0, answer.length);
  let text = '';
  for (let offset = 2; offset + 1 < end; offset += 2) {
    text += String.fromCharCode((answer[offset] ?? 0) | ((answer[offset + 1] ?? 0) << 8));
  }
  return text;
}

/** English (United States), the only language that ST's ROM has. */
export const englishLanguageId = 0x0409;
