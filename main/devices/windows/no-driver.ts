import { hex16 } from '../../../app/hex.ts';
import type { DeviceDriver } from '../../../app/boards/device-driver.ts';
import { refusedDeviceById } from '../../../app/boards/refused-device.ts';
import type { UsbDevice } from '../../../app/boards/usb-device.ts';
import { CanopusError } from '../../../app/errors.ts';

/** `link/no-driver` for a device, worded from what Windows says about it. */
export function noDriverError(device: UsbDevice, cause?: unknown): CanopusError {
  const { portPath, vendorId, productId, driver } = device;
  const label = `${hex16(vendorId)}:${hex16(productId)} at ${portPath}`;
  const held = driver !== null && driver.kind !== 'none' ? 'held' : null;
  return new CanopusError(
    'link/no-driver',
    `${label}: ${boundTo(driver)}.`,
    {
      ...{ label, portPath, device: refusedDeviceById(vendorId, productId) },
      ...{ driver: held, service: driver?.service ?? null },
    },
    { cause },
  );
}

/** "Windows has ST's driver (STTub30) bound to the device", as far as that is known. */
export function boundTo(driver: DeviceDriver | null): string {
  if (driver === null) return 'Windows lets no program open the device';
  const { kind, service, provider } = driver;
  if (kind === 'none') return 'Windows has no driver bound to the device';
  const maker =
    kind === 'st' ? "ST's own driver" : provider === null ? 'a driver' : `a driver of ${provider}`;
  return `Windows has ${maker} (${service ?? 'unnamed'}) bound to the device`;
}
