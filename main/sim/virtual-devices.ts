import { CanopusError } from '../../app/errors.ts';
import type { Access, UsbDevice, UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import type { PortPath } from '../../app/place.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import type { DeviceAccess } from '../devices/device-access.ts';
import type { AttachedDevice } from './bus/attached-device.ts';
import { interfacesOf, stringOf } from './bus/descriptors.ts';
import type { Board } from './board/board.ts';
import type { ForeignDevices } from './foreign/foreign-devices.ts';
import { SimByteLink } from './links/sim-byte-link.ts';
import { SimUsbLink } from './links/sim-usb-link.ts';
import type { BenchEvent } from './bench-event.ts';

/** A tty appears a little later than its device. */
const ttyDelayMs = 20;
const bootloaderBaudRate = 1200;

/** What the operating system of the bench knows about one attached device. */
interface Listed {
  /** Null for a device that is not a board. */
  readonly board: Board | null;
  readonly attached: AttachedDevice;
  device: UsbDevice;
}

/** What the devices need from their bench. */
interface DeviceBench extends AsyncDisposable {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly tellsUnreadable: boolean;
  readonly foreign: ForeignDevices;
  boardAt(port: PortPath): Board | null;
  listen(listener: (event: BenchEvent) => void): () => void;
}

/** The virtual boards as an operating system would show them to the station. */
export class VirtualDevices implements DeviceAccess {
  readonly #bench: DeviceBench;
  readonly #listed = new Map<PortPath, Listed>();
  readonly #watchers = new Set<(event: UsbDeviceEvent) => void>();
  readonly #closing = new AbortController();

  constructor(bench: DeviceBench) {
    this.#bench = bench;
    bench.listen((event) => {
      if (event.type === 'attach') this.#attach(event.board, event.device);
      else if (event.type === 'detach') this.#detach(event.device);
      else if (event.type === 'unreadable') this.#tellUnreadable(event.board);
      else this.#refreshAccess(event.board);
    });
    bench.foreign.listen(({ type, device }) => {
      if (type === 'attach') this.#attach(null, device);
      else this.#detach(device);
    });
  }

  list(): Promise<readonly UsbDevice[]> {
    return Promise.resolve([...this.#listed.values()].map(({ device }) => device));
  }

  watch(listener: (event: UsbDeviceEvent) => void): Promise<() => void> {
    for (const { device } of this.#listed.values()) listener({ type: 'attach', device });
    // A new listener for every call, so that one function may watch twice.
    const watcher = (event: UsbDeviceEvent) => listener(event);
    this.#watchers.add(watcher);
    return Promise.resolve(() => void this.#watchers.delete(watcher));
  }

  async openUsb(portPath: PortPath): Promise<UsbLink> {
    await Promise.resolve();
    const { attached } = this.#take(portPath, 'usb');
    return new SimUsbLink(attached, this.#bench.clock);
  }

  async openSerial(portPath: PortPath, options: { baudRate?: number } = {}): Promise<ByteLink> {
    return this.#openTty(portPath, options.baudRate ?? 250_000);
  }

  async requestBootloader(portPath: PortPath): Promise<void> {
    const link = await this.#openTty(portPath, bootloaderBaudRate);
    try {
      await link.setDtr(false);
    } catch (error) {
      // The board resets at once: it may be gone before it has replied.
      if (!(error instanceof CanopusError) || error.code !== 'link/gone') throw error;
    } finally {
      await link.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#watchers.clear();
    await this.#bench[Symbol.asyncDispose]();
  }

  async #openTty(portPath: PortPath, baudRate: number): Promise<SimByteLink> {
    const tty = this.#listed.get(portPath)?.device.tty ?? null;
    if (tty === null) throw notFound(portPath, 'serial port');
    const { attached } = this.#take(portPath, 'serial');
    return SimByteLink.open(attached, this.#bench.clock, tty, baudRate);
  }

  #take(portPath: PortPath, owner: string): Listed {
    const listed = this.#listed.get(portPath);
    if (listed === undefined) throw notFound(portPath, 'device');
    const { access } = listed.device;
    if (!access.ok) throw refused(access.code, portPath);
    if (!listed.attached.claim(owner)) throw refused('link/busy', portPath);
    return listed;
  }

  #attach(board: Board | null, attached: AttachedDevice): void {
    const { device: descriptor, configuration, strings } = attached.fn.descriptors;
    const fields = new DataView(descriptor.buffer, descriptor.byteOffset);
    const device: UsbDevice = {
      portPath: attached.portPath,
      vendorId: fields.getUint16(8, true),
      productId: fields.getUint16(10, true),
      bcdDevice: fields.getUint16(12, true),
      manufacturer: stringOf(strings.get(1)),
      product: stringOf(strings.get(2)),
      serialNumber: stringOf(strings.get(3)),
      interfaces: interfacesOf(configuration),
      tty: null,
      access: accessTo(board),
      driver: null,
    };
    const listed = { board, attached, device };
    this.#listed.set(attached.portPath, listed);
    this.#tell({ type: 'attach', device });
    if (attached.mode === 'katapult' || attached.mode === 'klipper-serial') this.#makeTty(listed);
  }

  #makeTty(listed: Listed): void {
    const { clock, timeScale } = this.#bench;
    clock.sleep(ttyDelayMs * timeScale, this.#closing.signal).then(
      () => {
        if (!listed.attached.attached) return;
        listed.device = { ...listed.device, tty: `sim:${listed.device.portPath}` };
        this.#tell({ type: 'change', device: listed.device });
      },
      () => undefined,
    );
  }

  /** Access can change while a device is plugged in: a driver is installed, a rule is written. */
  #refreshAccess(board: Board): void {
    const listed = board.device === null ? undefined : this.#listed.get(board.port);
    if (listed === undefined) return;
    const access = accessTo(board);
    const before = listed.device.access;
    if (access.ok === before.ok && (access.ok || before.ok || access.code === before.code)) return;
    listed.device = { ...listed.device, access };
    this.#tell({ type: 'change', device: listed.device });
  }

  #detach(attached: AttachedDevice): void {
    const { portPath } = attached;
    if (this.#listed.get(portPath)?.attached !== attached) return;
    this.#listed.delete(portPath);
    this.#tell({ type: 'detach', portPath });
  }

  #tellUnreadable(board: Board): void {
    if (this.#bench.tellsUnreadable) this.#tell({ type: 'unreadable', portPath: board.port });
  }

  #tell(event: UsbDeviceEvent): void {
    for (const watcher of [...this.#watchers]) watcher(event);
  }
}

function accessTo(board: Board | null): Access {
  if (board === null) return { ok: true };
  const fault = board.faults.list().find((candidate) => candidate.kind === 'access');
  return fault === undefined ? { ok: true } : { ok: false, code: fault.code };
}

function notFound(portPath: PortPath, what: string): CanopusError {
  return new CanopusError('device/not-found', `There is no ${what} on port ${portPath}.`, {
    portPath,
  });
}

function refused(code: Extract<Access, { ok: false }>['code'], portPath: PortPath): CanopusError {
  return new CanopusError(code, `The device on port ${portPath} cannot be opened.`, { portPath });
}
