import type { ControlSetup } from '../../transport/usb-link.ts';

/** Class requests of a DFU interface (USB DFU 1.1, table 3.2). */
export const dfuRequest = {
  detach: 0,
  dnload: 1,
  upload: 2,
  getStatus: 3,
  clrStatus: 4,
  getState: 5,
  abort: 6,
} as const;

/** Class request to an interface, host to device and device to host (USB 2.0, table 9-2). */
const classOut = 0x21;
const classIn = 0xa1;
/** Standard request to the device, device to host. */
const standardIn = 0x80;
const getDescriptor = 6;
const stringDescriptorType = 3;

/** DNLOAD: stages `wLength` bytes; nothing happens to flash before the next GETSTATUS. */
export function dnloadSetup(interfaceNumber: number, wValue: number): ControlSetup {
  return { bmRequestType: classOut, bRequest: dfuRequest.dnload, wValue, wIndex: interfaceNumber };
}

/** UPLOAD: returns up to `wLength` bytes. */
export function uploadSetup(interfaceNumber: number, wValue: number): ControlSetup {
  return { bmRequestType: classIn, bRequest: dfuRequest.upload, wValue, wIndex: interfaceNumber };
}

/** GETSTATUS: returns six bytes (`status.ts`) and starts the staged request. */
export function getStatusSetup(interfaceNumber: number): ControlSetup {
  return { bmRequestType: classIn, bRequest: dfuRequest.getStatus, wValue: 0, wIndex: interfaceNumber };
}

/** CLRSTATUS: dfuERROR to dfuIDLE. */
export function clrStatusSetup(interfaceNumber: number): ControlSetup {
  return { bmRequestType: classOut, bRequest: dfuRequest.clrStatus, wValue: 0, wIndex: interfaceNumber };
}

/** GETSTATE: returns one byte and, unlike GETSTATUS, changes nothing. */
export function getStateSetup(interfaceNumber: number): ControlSetup {
  return { bmRequestType: classIn, bRequest: dfuRequest.getState, wValue: 0, wIndex: interfaceNumber };
}

/** ABORT: from every waiting state to dfuIDLE; drops the staged request. */
export function abortSetup(interfaceNumber: number): ControlSetup {
  return { bmRequestType: classOut, bRequest: dfuRequest.abort, wValue: 0, wIndex: interfaceNumber };
}

/** GET_DESCRIPTOR of a string, raw (USB 2.0, 9.4.3). `index` 0 lists the languages. */
export function stringDescriptorSetup(index: number, languageId: number): ControlSetup {
  return {
    bmRequestType: standardIn,
    bRequest: getDescriptor,
    wValue: (stringDescriptorType << 8) | (index & 0xff),
    wIndex: languageId,
  };
}
