/** The kind of a file that is not an image. `kind` selects a next step; null if there is no special one. */
export interface FileKind {
  readonly kind: 'hex' | 'uf2' | null;
  /** In words, with what to choose instead if that file certainly exists. */
  readonly text: string;
}

/** Null if unknown. Intel HEX is only named: `inspectImage` reads its content. */
export function nameFileKind(bytes: Uint8Array): FileKind | null {
  if (bytes.length === 0) return { kind: null, text: 'the file is empty' };
  if (bytes.every((byte) => byte === bytes[0]) && bytes.length >= 8) {
    const byte = (bytes[0] ?? 0).toString(16).padStart(2, '0');
    return { kind: null, text: `every byte of the file is 0x${byte}` };
  }
  const begin = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  if (begin.startsWith('UF2\n')) return nameUf2(bytes);
  if (/^:[0-9A-Fa-f]{10}/.test(begin)) return { kind: 'hex', text: 'this is an Intel HEX file' };
  const magic = magics.find(([pattern]) => pattern.test(begin));
  if (magic) return { kind: null, text: magic[1] };
  return /^[\t\n\r\x20-\x7e]+$/.test(begin) ? { kind: null, text: 'this is a text file' } : null;
}

/** System V ABI; Motorola S-record; UM0391 (DfuSe file); zip; gzip. */
const magics: readonly (readonly [RegExp, string])[] = [
  [/^\x7fELF/, 'this is an ELF file, choose the .bin file beside it'],
  [/^S[0-9][0-9A-Fa-f]{6}/, 'this is a Motorola S-record file, not a .bin file'],
  [/^DfuSe/, 'this is a DfuSe file, not a .bin file'],
  [/^PK\x03\x04/, 'this is a zip archive, unpack it first'],
  [/^\x1f\x8b/, 'this is a gzip archive, unpack it first'],
  [/^\s*\{\s*"/, 'this is a JSON file such as klipper.dict, choose klipper.bin'],
  [
    /^\s*(#[^\n]*\n\s*)*(# )?CONFIG_\w+[= ]/,
    'this is a build configuration, choose the .bin file that was built with it',
  ],
  [/^\s*<(!DOCTYPE|html)/i, 'this is a web page, not a download of the file'],
];

/** Microsoft, "USB Flashing Format (UF2)": flags at 8, family at 28; families: its uf2families.json. */
const uf2 = { flagsAt: 8, familyAt: 28, hasFamily: 0x2000 } as const;
const uf2Families: Readonly<Record<number, string>> = {
  0x57755a57: 'an STM32F4',
  0x5ee21072: 'an STM32F1',
  0x647824b6: 'an STM32F0',
  0x300f5633: 'an STM32G0',
  0x6db66082: 'an STM32H7',
};

function nameUf2(bytes: Uint8Array): FileKind {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const states = bytes.length >= 32 && (view.getUint32(uf2.flagsAt, true) & uf2.hasFamily) !== 0;
  if (!states) return { kind: 'uf2', text: 'this is a UF2 file that does not name its chip' };
  const family = view.getUint32(uf2.familyAt, true);
  const name = uf2Families[family];
  if (name === undefined)
    return { kind: 'uf2', text: `this is a UF2 file for another chip (family 0x${family.toString(16)})` };
  return { kind: 'uf2', text: `this is a UF2 file for ${name}, not a .bin file` };
}
