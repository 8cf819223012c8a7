import { hex16 } from '../../app/hex.ts';
import { boardMode } from '../../app/boards/board-mode.ts';
import type { Access, UsbDevice } from '../../app/boards/usb-device.ts';
import type { ErrorCode } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceSource, Scan, ScannedDevice } from './device-source.ts';
import { loadLibusb, portPathOf, type NativeDevice } from './libusb.ts';
import { libusbErrno, libusbError, type Platform } from './native-errors.ts';
import { loadSerialBinding } from './serial-binding.ts';
import { portOfDevice, type SerialPortInfo } from './serial-ports.ts';

const hubClass = 9;
/**
 * A serial port appears some time after its device (on Windows a driver may be installed first), which no event tells
 * there. So while one is missing it is looked for, this often and this long.
 */
const serialPortIntervalMs = 250;
const serialPortPatienceMs = 30_000;

type Strings = Pick<UsbDevice, 'manufacturer' | 'product' | 'serialNumber' | 'access'>;

interface Seen {
  readonly arrival: string;
  readonly sinceMs: number;
  readonly strings: Strings;
}

/** The devices of macOS and Windows by libusb, their serial ports by the serialport module. */
export class LibusbSource implements DeviceSource {
  readonly #platform: Platform;
  readonly #clock: Clock;
  readonly #seen = new WeakMap<NativeDevice, Seen>();
  readonly #hints = new Set<() => void>();
  #arrivals = 0;
  #looking: NodeJS.Timeout | null = null;

  constructor(platform: Platform, clock: Clock) {
    this.#platform = platform;
    this.#clock = clock;
  }

  async scan(): Promise<Scan> {
    const libusb = await loadLibusb();
    const natives = libusb.getDeviceList().flatMap((native) => {
      const portPath = portPathOf(native);
      return portPath === null || native.deviceDescriptor.bDeviceClass === hubClass
        ? []
        : [{ native, portPath }];
    });
    const ports = natives.length === 0 ? [] : await listSerialPorts();
    const devices: ScannedDevice[] = [];
    let portMissing = false;
    for (const { native, portPath } of natives) {
      const { idVendor: vendorId, idProduct: productId, bcdDevice } = native.deviceDescriptor;
      const { arrival, sinceMs, strings } = await this.#meet(native, portPath);
      const { serialNumber } = strings;
      const port = portOfDevice({ portPath, vendorId, productId, serialNumber }, ports, this.#platform);
      const device: UsbDevice = {
        ...{ portPath, vendorId, productId, bcdDevice },
        ...strings,
        // Windows keeps the serial number of a device that libusb may not open in the name of its port.
        serialNumber: serialNumber ?? realSerialNumber(port),
        tty: port?.path ?? null,
      };
      const mode = boardMode(device);
      const wantsPort = mode === 'katapult' || mode === 'klipper-serial';
      portMissing ||= wantsPort && port === null && this.#clock.nowMs() - sinceMs < serialPortPatienceMs;
      devices.push({ device, arrival, busNumber: native.busNumber, deviceAddress: native.deviceAddress });
    }
    if (portMissing) this.#lookAgain();
    return { devices, unsettled: false };
  }

  watch(hint: () => void): () => void {
    this.#hints.add(hint);
    let stopLibusb = (): void => undefined;
    loadLibusb().then(
      ({ usb }) => {
        if (!this.#hints.has(hint)) return;
        usb.on('attach', hint);
        usb.on('detach', hint);
        stopLibusb = () => {
          usb.off('attach', hint);
          usb.off('detach', hint);
        };
        hint();
      },
      // The scan that follows fails with the same error, where somebody waits for it.
      () => undefined,
    );
    return () => {
      this.#hints.delete(hint);
      stopLibusb();
      if (this.#hints.size === 0 && this.#looking !== null) clearTimeout(this.#looking);
    };
  }

  #lookAgain(): void {
    if (this.#looking !== null || this.#hints.size === 0) return;
    this.#looking = setTimeout(() => {
      this.#looking = null;
      for (const hint of this.#hints) hint();
    }, serialPortIntervalMs);
  }

  async #meet(native: NativeDevice, portPath: string): Promise<Seen> {
    const known = this.#seen.get(native);
    if (known !== undefined) return known;
    this.#arrivals += 1;
    const seen: Seen = {
      arrival: String(this.#arrivals),
      sinceMs: this.#clock.nowMs(),
      strings: await readStrings(native, portPath, this.#platform),
    };
    this.#seen.set(native, seen);
    return seen;
  }
}

const ourIds = new Set(['0483:df11', '1d50:6177', '1d50:614e', '1d50:606f']);

/** Opens only devices that can be boards, once each: opening wakes devices and may disturb what others do. */
async function readStrings(native: NativeDevice, portPath: string, platform: Platform): Promise<Strings> {
  const none = { manufacturer: null, product: null, serialNumber: null };
  const { idVendor, idProduct, iManufacturer, iProduct, iSerialNumber } = native.deviceDescriptor;
  const label = `${hex16(idVendor)}:${hex16(idProduct)}`;
  if (!ourIds.has(label)) return { ...none, access: { ok: true } };
  try {
    native.open(false);
  } catch (error) {
    const errno = libusbErrno(error) ?? -1;
    const { code } = libusbError(errno, { platform, action: 'open', label: `${label} at ${portPath}` });
    return { ...none, access: deniedAccess(code) };
  }
  try {
    return {
      manufacturer: await stringDescriptor(native, iManufacturer),
      product: await stringDescriptor(native, iProduct),
      serialNumber: await stringDescriptor(native, iSerialNumber),
      access: { ok: true },
    };
  } finally {
    native.close();
  }
}

function stringDescriptor(native: NativeDevice, index: number): Promise<string | null> {
  return new Promise((resolve) => {
    native.getStringDescriptor(index, (error, text) => {
      resolve(error === undefined && text !== undefined ? text : null);
    });
  });
}

/** A board that is used through its serial port is not opened by libusb, so its refusal matters to others only. */
function deniedAccess(code: ErrorCode): Access {
  const named = code === 'link/access' || code === 'link/busy' || code === 'link/no-driver';
  return { ok: false, code: named ? code : 'link/io' };
}

async function listSerialPorts(): Promise<SerialPortInfo[]> {
  const binding = await loadSerialBinding();
  const ports = await binding.list();
  // A macOS tty.* waits for a carrier that no board gives; its cu.* twin does not.
  return ports.map((port) => ({ ...port, path: port.path.replace(/^\/dev\/tty\./, '/dev/cu.') }));
}

/** Windows makes up an id with `&` in it for a device that reports no serial number of its own. */
function realSerialNumber(port: SerialPortInfo | null): string | null {
  const serialNumber = port?.serialNumber;
  return serialNumber === undefined || serialNumber.includes('&') ? null : serialNumber;
}
