/** Class requests of a CDC-ACM device (USB CDC PSTN 1.2, section 6.3). */
export const cdcRequest = { setLineCoding: 0x20, getLineCoding: 0x21, setControlLineState: 0x22 } as const;

/** The seven bytes of SET_LINE_CODING for 8N1: dwDTERate LE, bCharFormat 0, bParityType 0, bDataBits 8. */
export function lineCoding(baudRate: number): Uint8Array {
  const bytes = new Uint8Array(7);
  new DataView(bytes.buffer).setUint32(0, baudRate, true);
  bytes[6] = 8;
  return bytes;
}
