/**
 * A copy of a Windows program without its Authenticode signature, which is a table at the end of the file that the
 * fifth data directory points to (Microsoft, "PE Format": optional header data directories, attribute certificate
 * table). Throws if `bytes` is no PE file or has something behind the table.
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function withoutSignature(bytes) {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const header = copy.length < 64 ? 0 : view.getUint32(0x3c, true);
  if (header === 0 || header + 24 > copy.length || view.getUint32(header, true) !== 0x4550) {
    throw new Error('This is no Windows program.');
  }
  const optional = header + 24;
  const isPlus = view.getUint16(optional, true) === 0x20b;
  const directory = optional + (isPlus ? 112 : 96) + 4 * 8;
  const start = view.getUint32(directory, true);
  const size = view.getUint32(directory + 4, true);
  if (start === 0) return copy;
  if (start + size !== copy.length) throw new Error('The signature is not the end of this program.');
  view.setUint32(directory, 0, true);
  view.setUint32(directory + 4, 0, true);
  // The sum covers the signature as well; programs are started without it being looked at.
  view.setUint32(optional + 64, 0, true);
  return copy.subarray(0, start);
}
