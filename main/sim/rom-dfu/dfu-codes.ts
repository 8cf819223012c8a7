/**
 * States and status codes, named as in USB DFU 1.1 (section 6.1.2) and ST AN3156. Defined here again, so that the
 * station's codec and the virtual ROM check each other.
 */
export const dfuState = {
  dfuIDLE: 2,
  dfuDNLOAD_SYNC: 3,
  dfuDNBUSY: 4,
  dfuDNLOAD_IDLE: 5,
  dfuMANIFEST_SYNC: 6,
  dfuMANIFEST: 7,
  dfuUPLOAD_IDLE: 9,
  dfuERROR: 10,
} as const;
export type DfuState = (typeof dfuState)[keyof typeof dfuState];

/** The statuses that the virtual ROM reports. */
export const dfuStatus = {
  OK: 0x00,
  errTARGET: 0x01,
  errPROG: 0x06,
  errADDRESS: 0x08,
  errFIRMWARE: 0x0a,
  errVENDOR: 0x0b,
  errUNKNOWN: 0x0e,
  errSTALLEDPKT: 0x0f,
} as const;
export type DfuStatus = (typeof dfuStatus)[keyof typeof dfuStatus];

/** First byte of a DNLOAD with wValue 0 (ST AN3156, section 5). */
export const dfuseCommand = {
  getCommands: 0x00,
  setAddressPointer: 0x21,
  erase: 0x41,
  readUnprotect: 0x92,
} as const;
