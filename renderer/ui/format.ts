import { texts } from '../texts/en.ts';

/** `46.2 KiB`; exact below 1 KiB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${kib.toFixed(kib < 100 ? 1 : 0)} KiB` : `${(kib / 1024).toFixed(2)} MiB`;
}

/** `8 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 100) return texts.time.seconds(seconds);
  return texts.time.minutes(Math.floor(seconds / 60), seconds % 60);
}

/** How long ago an ISO time was, in words. */
export function formatAgo(iso: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(iso)) / 60_000);
  if (minutes < 1) return texts.time.justNow;
  if (minutes < 60) return texts.time.minutesAgo(minutes);
  return texts.time.at(new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
}

/** `0x08008000`. */
export function formatAddress(address: number): string {
  return `0x${address.toString(16).padStart(8, '0')}`;
}

/** `12 MHz`. */
export function formatMegahertz(hz: number): string {
  return `${hz / 1_000_000} MHz`;
}

/** `0483:df11`. */
export function formatUsbIds(vendorId: number, productId: number): string {
  return [vendorId, productId].map((id) => id.toString(16).padStart(4, '0')).join(':');
}

/** `STM32F446` for Klipper's `stm32f446xx`. */
export function formatMcu(mcu: string): string {
  return mcu.toUpperCase().replace(/XX$/, '');
}
