import type { CanHealth } from '../../transport/can-link.ts';

/**
 * An adapter's error report: a host frame whose can_id has bit 29 and, in its low bits, the class of the error (Linux
 * include/uapi/linux/can/error.h):
 *
 * | class | data[1] | is |
 * |---|---|---|
 * | 0x004 controller | 0x10 receiver, 0x20 sender error-passive; 0x40 error-active again | |
 * | 0x040 bus-off | | |
 * | 0x100 restarted | | after bus-off |
 */
const errorFlag = 0x2000_0000;
const errorClass = { controller: 0x004, busOff: 0x040, restarted: 0x100 } as const;
const controller = { passive: 0x30, active: 0x40 } as const;

/** What a host frame reports about the adapter's place on the bus; null if it is none, or about something else. */
export function reportedHealth(hostFrame: Uint8Array): CanHealth | null {
  if (hostFrame.length < 20) return null;
  const id = new DataView(hostFrame.buffer, hostFrame.byteOffset).getUint32(4, true);
  if ((id & errorFlag) === 0) return null;
  if ((id & errorClass.busOff) !== 0) return 'bus-off';
  if ((id & errorClass.restarted) !== 0) return 'error-active';
  if ((id & errorClass.controller) === 0) return null;
  const state = hostFrame[13] ?? 0;
  if ((state & controller.passive) !== 0) return 'error-passive';
  return (state & controller.active) !== 0 ? 'error-active' : null;
}
