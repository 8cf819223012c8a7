import { CanopusError, toCanopusError } from '../../errors.ts';
import type { CanLink } from '../../transport/can-link.ts';
import type { Clock } from '../../transport/clock.ts';
import type { TransferOptions, UsbLink } from '../../transport/usb-link.ts';
import { bitTimingFor } from './bit-timing.ts';
import { GsUsbCanLink } from './gs-usb-can-link.ts';
import { findGsUsbInterface } from './gs-usb-interface.ts';
import {
  bitTimingRequest,
  btConstRequest,
  deviceConfigRequest,
  hostFormatRequest,
  modeRequest,
  parseBtConst,
  parseDeviceConfig,
  type InRequest,
  type OutRequest,
} from './vendor-request.ts';

interface GsUsbOptions {
  readonly clock: Clock;
  /** Set in the adapter before it starts. Klipper's bridge ignores it: its rate is compiled in. */
  readonly bitrateBps?: number;
  readonly signal?: AbortSignal | undefined;
}

const controlTimeoutMs = 1000;

/**
 * Starts channel 0 of a gs_usb adapter in the order of the Linux driver: byte order, device configuration, bit timing,
 * start. Claims the interface, which takes a can0 from the kernel until the UsbLink is closed. Closing the CanLink
 * stops the channel and leaves the UsbLink open.
 *
 * Throws `link/protocol` if the device is not such an adapter or does not support the bit rate, and what the UsbLink
 * throws.
 */
export async function openGsUsb(link: UsbLink, options: GsUsbOptions): Promise<CanLink> {
  const { clock, bitrateBps, signal } = options;
  const transfer: TransferOptions = { timeoutMs: controlTimeoutMs, signal };
  const write = ({ setup, data }: OutRequest): Promise<void> => link.controlOut(setup, data, transfer);
  const read = ({ setup, length }: InRequest): Promise<Uint8Array> => link.controlIn(setup, length, transfer);

  const gsUsb = findGsUsbInterface(link.configurationDescriptor);
  if (gsUsb === null) throw noAdapter(link, 'has no vendor interface with two bulk endpoints');
  await link.claimInterface(gsUsb.interfaceNumber);
  await write(hostFormatRequest(gsUsb.interfaceNumber));
  const config = parseDeviceConfig(await read(deviceConfigRequest(gsUsb.interfaceNumber)));
  if (config === null) throw noAdapter(link, 'does not describe its channels');
  if (bitrateBps !== undefined) {
    const limits = parseBtConst(await read(btConstRequest(0)));
    const timing = limits === null ? null : bitTimingFor(limits, bitrateBps);
    if (timing === null) throw noAdapter(link, `has no bit timing for ${bitrateBps} bit/s`);
    await write(bitTimingRequest(0, timing));
  }
  await write(modeRequest(0, 'start'));
  const stop = async (): Promise<void> => {
    const { setup, data } = modeRequest(0, 'reset');
    await link.controlOut(setup, data, { timeoutMs: controlTimeoutMs }).catch((error: unknown) => {
      // Nothing to stop on a device that is gone; send and receive have already thrown.
      if (!toCanopusError(error).code.startsWith('link/')) throw error;
    });
  };
  return new GsUsbCanLink(link, gsUsb, clock, stop);
}

function noAdapter(link: UsbLink, why: string): CanopusError {
  return new CanopusError('link/protocol', `${link.label} ${why}: it is not a usable gs_usb adapter.`, {
    device: link.label,
  });
}
