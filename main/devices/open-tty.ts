import type { HostSystem } from './host-system.ts';
import { serialError } from './native-errors.ts';
import type { OpenPort } from './serial-binding.ts';

/** What opening a port needs from the system. */
export type SerialSystem = Pick<HostSystem, 'platform' | 'loadSerial' | 'whyNotOpen'>;

/** Opens a serial port raw and locked. Throws `link/access`, `link/busy` or `link/gone`. */
export async function openTty(system: SerialSystem, tty: string, baudRate: number): Promise<OpenPort> {
  const binding = await system.loadSerial();
  try {
    // The binding's defaults fit: raw, 8 data bits, no parity, 1 stop bit, no flow control.
    return await binding.open({ path: tty, baudRate, lock: true });
  } catch (error) {
    const context = { platform: system.platform, action: 'open', label: tty } as const;
    throw serialError(await system.whyNotOpen(tty), context, error);
  }
}

/** A pseudo-terminal has no modem lines; the port works without. */
export async function setModemLines(port: OpenPort, { dtr }: { readonly dtr: boolean }): Promise<void> {
  await port.set({ dtr, rts: true }).catch(() => undefined);
}

/**
 * Asks Klipper's USB serial firmware for its bootloader: opens the port at 1200 baud with DTR, drops DTR and closes
 * (Klipper's Bootloader_Entry.md, "USB"). The device usually disappears meanwhile, as requested; that is not an error.
 */
export async function touch1200(system: SerialSystem, tty: string): Promise<void> {
  const port = await openTty(system, tty, 1200);
  try {
    await setModemLines(port, { dtr: true });
    await setModemLines(port, { dtr: false });
  } finally {
    await port.close().catch(() => undefined);
  }
}
