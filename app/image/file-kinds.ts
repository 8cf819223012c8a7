/** What a file that is no image is, in words that tell its owner what to choose instead; null where it is unknown. */
export function nameFileKind(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return 'the file is empty';
  if (bytes.every((byte) => byte === bytes[0]) && bytes.length >= 8) {
    return `every byte of the file is 0x${(bytes[0] ?? 0).toString(16).padStart(2, '0')}`;
  }
  const begin = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  const magic = magics.find(([pattern]) => pattern.test(begin));
  if (magic) return magic[1];
  return /^[\t\n\r\x20-\x7e]+$/.test(begin) ? 'this is a text file' : null;
}

/** System V ABI; Intel HEX specification rev A; Motorola S-record; Microsoft's UF2 format; UM0391 (DfuSe file); zip; gzip. */
const magics: readonly (readonly [RegExp, string])[] = [
  [/^\x7fELF/, 'this is an ELF file, choose the .bin file beside it'],
  [/^:[0-9A-Fa-f]{10}/, 'this is an Intel HEX file, choose the .bin file'],
  [/^S[0-9][0-9A-Fa-f]{6}/, 'this is a Motorola S-record file, choose the .bin file'],
  [/^UF2\n/, 'this is a UF2 file for another kind of board'],
  [/^DfuSe/, 'this is a DfuSe file, choose the .bin file'],
  [/^PK\x03\x04/, 'this is a zip archive, unpack it first'],
  [/^\x1f\x8b/, 'this is a gzip archive, unpack it first'],
  [/^\s*\{\s*"/, 'this is a JSON file such as klipper.dict, choose klipper.bin'],
  [
    /^\s*(#[^\n]*\n\s*)*(# )?CONFIG_\w+[= ]/,
    'this is a build configuration, choose the .bin file that was built with it',
  ],
  [/^\s*<(!DOCTYPE|html)/i, 'this is a web page, not a download of the file'],
];
