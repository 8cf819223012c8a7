import { CanopusError, isCanopusError } from '../errors.ts';
import { openGsUsb } from '../protocols/gs-usb/open-gs-usb.ts';
import { encodeAdminMessage } from '../protocols/klipper-can/admin-frame.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';

/** From the frame to the bridge's reset the firmware needs milliseconds; the operating system notices later. */
const leaveTimeoutMs = 1500;

const tries = 3;

/**
 * Asks a running Klipper USB-to-CAN bridge to restart into its bootloader, over its own gs_usb interface: no can0, no
 * driver of the operating system, the same on every platform. Resolves as soon as the bridge has left the bus; the
 * caller waits for what comes back on that port (Katapult, or the ROM's DFU if there is no Katapult). The caller owns
 * and closes the UsbLink.
 *
 * Throws `katapult/not-entered` if the bridge stays: it has another UUID, or no bootloader to go to.
 */
export async function requestBootloaderOverBridge(
  link: UsbLink,
  canbusUuid: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const can = await openGsUsb(link, { clock, signal });
  try {
    for (let attempt = 1; attempt <= tries; attempt++) {
      if (await leaves(can, canbusUuid, clock, signal)) return;
    }
  } finally {
    await can.close();
  }
  throw new CanopusError(
    'katapult/not-entered',
    `The bridge on ${link.label} was asked ${tries} times for its bootloader as ${canbusUuid} and stayed.`,
    { canbusUuid, tries },
    { state: 'untouched' },
  );
}

/** Sends the request once and listens; true as soon as the adapter has left the bus. */
async function leaves(can: CanLink, uuid: string, clock: Clock, signal?: AbortSignal): Promise<boolean> {
  const untilMs = clock.nowMs() + leaveTimeoutMs;
  try {
    await can.send(encodeAdminMessage({ type: 'requestBootloader', uuid }), signal);
    // Frames of other nodes do not matter, but must be read.
    for (let leftMs = leaveTimeoutMs; leftMs > 0; leftMs = untilMs - clock.nowMs()) {
      await can.receive({ timeoutMs: leftMs, signal });
    }
    return false;
  } catch (error) {
    if (isCanopusError(error, 'link/timeout')) return false;
    // Some hosts see the broken transfer before they see that the device is gone.
    if (isCanopusError(error, 'link/gone') || isCanopusError(error, 'link/io')) return true;
    throw error;
  }
}
