import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import type { Access } from '../../app/boards/usb-device.ts';
import { loadLibusb, type Libusb } from './libusb.ts';
import { hostPlatform, systemErrorCode, type Platform } from './native-errors.ts';
import { loadSerialBinding, type SerialBinding } from './serial-binding.ts';
import { PnpFeed } from './windows/pnp-feed.ts';
import type { PnpTree } from './windows/pnp-tree.ts';

/** The system interfaces through which a computer's devices are reached; replaced in tests. */
export interface HostSystem {
  readonly platform: Platform;
  loadLibusb(): Promise<Libusb>;
  loadSerial(): Promise<SerialBinding>;
  /** The `errno` name (`EACCES`) for a serial port that could not be opened: the module gives only words. */
  whyNotOpen(tty: string): Promise<string>;
  /** Whether this process may use an existing serial port. */
  mayUse(tty: string): Promise<Access>;
  /** Windows' device tree; null on other systems. */
  readonly pnp: PnpTree | null;
}

/** The computer that this process runs on. */
export function hostSystem(): HostSystem {
  return {
    platform: hostPlatform,
    loadLibusb,
    loadSerial: loadSerialBinding,
    whyNotOpen,
    mayUse,
    pnp: hostPlatform === 'win32' ? new PnpFeed() : null,
  };
}

/** Opens it again, in a way that gives an errno. */
async function whyNotOpen(tty: string): Promise<string> {
  const path = hostPlatform === 'win32' ? `\\\\.\\${tty}` : tty;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    await file.close();
    // It can be opened, but not locked.
    return 'EBUSY';
  } catch (error) {
    return systemErrorCode(error) ?? 'EIO';
  }
}

/** COM ports have no permissions of their own; whether one is in use shows only on opening. */
async function mayUse(tty: string): Promise<Access> {
  if (hostPlatform === 'win32') return { ok: true };
  try {
    await access(tty, constants.R_OK | constants.W_OK);
    return { ok: true };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EACCES' || code === 'EPERM') return { ok: false, code: 'link/access' };
    // It disappeared during the look; its device goes with it.
    return { ok: true };
  }
}
