import { isCanopusError } from '../errors.ts';
import { openGsUsb } from '../protocols/gs-usb/open-gs-usb.ts';
import { encodeAdminMessage, parseAdminFrame } from '../protocols/klipper-can/admin-frame.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';

/** A node replies in less than a millisecond; a bus of 1 Mbit/s carries thousands of such replies in this time. */
const answersMs = 300;

/**
 * Asks over a bridge's own gs_usb interface which Klipper nodes have no number, the bridge's own included. Returns
 * their UUIDs, as the firmware reports them, each once. Only for a bus without a Klipper host: a query disturbs one.
 */
export async function queryKlipperNodes(
  link: UsbLink,
  clock: Clock,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const can = await openGsUsb(link, { clock, signal });
  const uuids = new Set<string>();
  try {
    await can.send(encodeAdminMessage({ type: 'queryUnassigned' }), signal);
    const untilMs = clock.nowMs() + answersMs;
    for (let leftMs = answersMs; leftMs > 0; leftMs = untilMs - clock.nowMs()) {
      const message = parseAdminFrame(await can.receive({ timeoutMs: leftMs, signal }));
      if (message?.type === 'needNodeId' && message.application === 'klipper') uuids.add(message.uuid);
    }
  } catch (error) {
    // Everybody has answered.
    if (!isCanopusError(error, 'link/timeout')) throw error;
  } finally {
    await can.close();
  }
  return [...uuids];
}
