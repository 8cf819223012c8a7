import type { ControlSetup } from '../../../app/transport/usb-link.ts';

/** The eight bytes of a setup stage (USB 2.0, table 9-2). */
export interface SetupPacket extends ControlSetup {
  readonly wLength: number;
}

/**
 * The USB side of one running program: ROM bootloader, Katapult, Klipper. It does not know how transfers reach it, so
 * the in-process links and the USB/IP server drive the same code.
 *
 * Every method throws `UsbStall` if the device replies STALL. A transfer that the device does not complete yet (NAK)
 * stays pending; `signal` ends the wait and undoes nothing that the device did.
 */
export interface UsbFunction {
  readonly descriptors: DescriptorSet;
  /** One control transfer. `data` is the OUT data stage (empty for IN). Returns the IN data, at most wLength bytes. */
  control(setup: SetupPacket, data: Uint8Array): Promise<Uint8Array>;
  /** Resolves when the device has taken every byte. `endpoint` is an address such as 0x02. */
  bulkOut(endpoint: number, data: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Completes on a short packet or with `length` bytes, as a host controller does. `endpoint` such as 0x81. */
  bulkIn(endpoint: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** The cable was pulled or the bus was reset: transfers in the endpoints are gone, the program keeps running. */
  busReset(): void;
}

/** Descriptors as the device sends them, right or wrong. */
export interface DescriptorSet {
  readonly device: Uint8Array;
  /** The whole reply to GET_DESCRIPTOR(CONFIGURATION), class-specific descriptors included. */
  readonly configuration: Uint8Array;
  /** By index; index 0 lists the languages. Raw, so that a broken one stays visible. */
  readonly strings: ReadonlyMap<number, Uint8Array>;
}

/** The device replied STALL. */
export class UsbStall extends Error {
  override readonly name = 'UsbStall';
}

/** The device is no longer on the bus. */
export class UsbGone extends Error {
  override readonly name = 'UsbGone';
}

/** The device sent a packet that does not fit the host's buffer (a babble, -EOVERFLOW). */
export class UsbOverflow extends Error {
  override readonly name = 'UsbOverflow';
}

export const noBytes: Uint8Array = new Uint8Array(0);
