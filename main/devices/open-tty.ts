import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { hostPlatform, serialError, systemErrorCode } from './native-errors.ts';
import { loadSerialBinding, type OpenPort } from './serial-binding.ts';

/** Opens a serial port raw and locked. Throws `link/access`, `link/busy` or `link/gone`. */
export async function openTty(tty: string, baudRate: number): Promise<OpenPort> {
  const binding = await loadSerialBinding();
  try {
    // The binding's defaults are what is wanted: raw, 8 data bits, no parity, 1 stop bit, no flow control.
    return await binding.open({ path: tty, baudRate, lock: true });
  } catch (error) {
    const context = { platform: hostPlatform, action: 'open', label: tty } as const;
    throw serialError(await whyNotOpen(tty), context, error);
  }
}

/** The module tells why only in words, so the port is tried once more in a way that answers an errno. */
async function whyNotOpen(tty: string): Promise<string> {
  const path = hostPlatform === 'win32' ? `\\\\.\\${tty}` : tty;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    await file.close();
    // It can be opened, but not be locked.
    return 'EBUSY';
  } catch (error) {
    return systemErrorCode(error) ?? 'EIO';
  }
}

/** A pseudo-terminal has no modem lines; the port is as good without. */
export async function setModemLines(port: OpenPort, { dtr }: { readonly dtr: boolean }): Promise<void> {
  await port.set({ dtr, rts: true }).catch(() => undefined);
}

/**
 * Asks Klipper's USB serial firmware for its bootloader: opens the port at 1200 baud with DTR, drops DTR and closes
 * (Klipper's Bootloader_Entry.md, "USB"). The device usually goes while this happens, which is what was asked for and
 * no error.
 */
export async function touch1200(tty: string): Promise<void> {
  const port = await openTty(tty, 1200);
  try {
    await setModemLines(port, { dtr: true });
    await setModemLines(port, { dtr: false });
  } finally {
    await port.close().catch(() => undefined);
  }
}
