import { knownModes } from '../../../app/boards/board-mode.ts';
import { opensThroughLibusb, driverOf, type DriverKind } from '../../../app/boards/device-driver.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { HostSystem } from '../../devices/host-system.ts';
import type { Libusb, NativeDevice } from '../../devices/libusb.ts';
import type { SerialBinding } from '../../devices/serial-binding.ts';
import type { SerialPortInfo } from '../../devices/serial-ports.ts';
import type { Board } from '../board/board.ts';
import type { AttachedDevice } from '../bus/attached-device.ts';
import { interfacesOf, stringOf } from '../bus/descriptors.ts';
import type { FaultMode } from '../fault.ts';
import { SimByteLink } from '../links/sim-byte-link.ts';
import type { VirtualBench } from '../virtual-bench.ts';
import type { HostViewOptions } from './host-view-options.ts';
import { errno } from './native-failure.ts';
import { ViewedDevice } from './viewed-device.ts';
import { ViewedPort } from './viewed-port.ts';
import { viewedRootHub } from './viewed-root-hub.ts';
import { ViewedTransfer } from './viewed-transfer.ts';
import { ViewedTree } from './viewed-tree.ts';

/** A serial port appears later than its device: its driver has to start. */
const portDelayMs = 300;
const usualDrivers = {
  dfu: 'winusb',
  katapult: 'serial',
  'klipper-serial': 'serial',
  'can-bridge': 'none',
  bootsel: 'none',
} as const;

interface Viewed {
  /** Null for a device that is not a board. */
  readonly board: Board | null;
  readonly native: ViewedDevice;
  port: string | null;
}

/**
 * The virtual bench as the usb and serialport modules, and Windows' device tree, show it on Windows or on a Mac. What
 * they show and refuse there follows their sources: libusb 1.0.30 (windows_winusb.c: `init_device`, `winusb_open`;
 * darwin_usb.c: `darwin_open`) and @serialport/bindings-cpp 13 (serialport_win.cpp, darwin_list.cpp).
 */
export class HostView implements HostSystem {
  readonly platform: 'win32' | 'darwin';
  readonly pnp: ViewedTree | null;
  readonly #bench: VirtualBench;
  readonly #options: HostViewOptions;
  readonly #drivers: Record<FaultMode, DriverKind>;
  readonly #viewed = new Map<AttachedDevice, Viewed>();
  readonly #listeners = { attach: new Set<() => void>(), detach: new Set<() => void>() };
  readonly #libusb: Libusb;
  readonly #serial: SerialBinding;
  /** Windows remembers the port number of each device that it has seen. */
  readonly #comNumbers = new Map<string, number>();
  readonly #rootHubs = new Map<number, NativeDevice>();
  #addresses = 0;

  constructor(bench: VirtualBench, options: HostViewOptions) {
    this.#bench = bench;
    this.#options = options;
    this.#drivers = { ...usualDrivers };
    for (const mode of knownModes) this.#drivers[mode] = options.drivers?.[mode] ?? usualDrivers[mode];
    this.platform = options.system;
    const hasTree = options.system === 'win32' && options.hasDeviceTree !== false;
    this.pnp = hasTree
      ? new ViewedTree(bench.clock, {
          devices: () => this.#withDrivers(),
          busNumbers: () => this.#busNumbers(),
        })
      : null;
    for (const board of bench.boards) if (board.device !== null) this.#attach(board, board.device, true);
    for (const device of bench.foreign.all()) this.#attach(null, device, true);
    bench.foreign.listen(({ type, device }) => {
      if (type === 'attach') this.#attach(null, device);
      else this.#detach(device);
    });
    bench.listen((event) => {
      if (event.type === 'attach') this.#attach(event.board, event.device);
      else if (event.type === 'detach') this.#detach(event.device);
    });
    this.#libusb = {
      getDeviceList: () => [
        ...this.#busNumbers().map((bus) => this.#rootHub(bus)),
        ...[...this.#viewed.values()].flatMap((viewed) => (this.#isListed(viewed) ? viewed.native : [])),
      ],
      on: (event, listener) => void this.#listeners[event].add(listener),
      off: (event, listener) => void this.#listeners[event].delete(listener),
      transfer(device, endpoint, _type, done) {
        if (!(device instanceof ViewedDevice)) throw new TypeError('not a device of this view');
        return new ViewedTransfer(device, endpoint, done);
      },
    };
    this.#serial = {
      list: () => Promise.resolve(this.#listPorts()),
      open: ({ path, baudRate }) => this.#openPort(path, baudRate),
    };
  }

  /** Binds a driver as a person does with Zadig, to devices that are plugged in and to later ones. */
  bindDriver(mode: FaultMode, driver: DriverKind): void {
    this.#drivers[mode] = driver;
    for (const [attached, { board, native }] of this.#viewed) {
      if (attached.mode !== mode) continue;
      // libusb forgets a device whose driver changes, and lists it again.
      this.#viewed.set(attached, {
        board,
        port: null,
        native: this.#native(board, attached, native.deviceAddress),
      });
      this.#tell('attach');
    }
    this.pnp?.changed();
  }

  loadLibusb(): Promise<Libusb> {
    return Promise.resolve(this.#libusb);
  }

  loadSerial(): Promise<SerialBinding> {
    return Promise.resolve(this.#serial);
  }

  /** For an open port Windows says "access denied"; a Mac says that it is busy. */
  whyNotOpen(tty: string): Promise<string> {
    const viewed = this.#withPort(tty);
    if (viewed === null) return Promise.resolve('ENOENT');
    return Promise.resolve(this.platform === 'win32' ? 'EACCES' : 'EBUSY');
  }

  mayUse(tty: string): ReturnType<HostSystem['mayUse']> {
    const fault = this.#withPort(tty)
      ?.board?.faults.list()
      .find(({ kind }) => kind === 'access');
    return Promise.resolve(fault?.kind === 'access' ? { ok: false, code: fault.code } : { ok: true });
  }

  /** A computer has a bus for every port that a board has been in. */
  #busNumbers(): readonly number[] {
    const ports = [
      ...this.#bench.boards.map(({ port }) => port),
      ...this.#bench.foreign.all().map(({ portPath }) => portPath),
    ];
    return [...new Set(ports.map((port) => Number(port.split('-')[0])))].sort((a, b) => a - b);
  }

  #rootHub(busNumber: number): NativeDevice {
    const hub = this.#rootHubs.get(busNumber) ?? viewedRootHub(busNumber);
    this.#rootHubs.set(busNumber, hub);
    return hub;
  }

  /** Devices from before the view have everything at once. */
  #attach(board: Board | null, attached: AttachedDevice, isOld = false): void {
    this.#addresses += 1;
    const native = this.#native(board, attached, this.#addresses);
    const viewed: Viewed = { board, native, port: null };
    this.#viewed.set(attached, viewed);
    if (this.#isListed(viewed)) this.#tell('attach');
    if (isOld) this.pnp?.begin();
    else this.pnp?.changed();
    if (attached.mode !== 'katapult' && attached.mode !== 'klipper-serial') return;
    if (isOld) viewed.port = this.#portName(native);
    else this.#makePort(viewed);
  }

  #native(board: Board | null, attached: AttachedDevice, address: number): ViewedDevice {
    return new ViewedDevice(attached, address, () => this.#refusal(board, attached));
  }

  #detach(attached: AttachedDevice): void {
    const viewed = this.#viewed.get(attached);
    if (viewed === undefined) return;
    this.#viewed.delete(attached);
    if (this.#isListed(viewed)) this.#tell('detach');
    this.pnp?.changed();
  }

  #makePort(viewed: Viewed): void {
    const { clock, timeScale } = this.#bench;
    void clock.sleep(portDelayMs * timeScale).then(() => {
      if (viewed.native.attached.attached) viewed.port = this.#portName(viewed.native);
    });
  }

  #portName({ attached, busNumber, portNumbers }: ViewedDevice): string {
    if (this.platform === 'darwin')
      return `/dev/tty.usbmodem${locationId(busNumber, portNumbers).slice(0, 4)}1`;
    const key = `${attached.mode} ${stringOf(attached.fn.descriptors.strings.get(3)) ?? attached.portPath}`;
    const number = this.#comNumbers.get(key) ?? this.#comNumbers.size + 3;
    this.#comNumbers.set(key, number);
    return `COM${number}`;
  }

  #driver(attached: AttachedDevice): DriverKind {
    // Windows finds no driver for a foreign DFU device; it has them for drives and mice.
    if (attached.mode !== 'foreign') return this.#drivers[attached.mode];
    return interfacesOf(attached.fn.descriptors.configuration).includes('fe/01/02') ? 'none' : 'other';
  }

  #withDrivers(): readonly (readonly [ViewedDevice, DriverKind])[] {
    return [...this.#viewed.values()].map(({ native }) => [native, this.#driver(native.attached)]);
  }

  /** On Windows a device without a driver has no configuration, and libusb leaves it out. */
  #isListed({ native }: Viewed): boolean {
    if (this.platform === 'darwin' || this.#options.listsDriverless === true) return true;
    return this.#driver(native.attached) !== 'none';
  }

  #refusal(board: Board | null, attached: AttachedDevice): number | null {
    const fault = board?.faults.list().find(({ kind }) => kind === 'access');
    if (fault?.kind === 'access') return accessErrno[fault.code];
    if (this.platform === 'darwin') return null;
    const driver = driverOf(this.#driver(attached), null);
    return opensThroughLibusb(driver) ? null : errno.notSupported;
  }

  #listPorts(): readonly SerialPortInfo[] {
    return [...this.#viewed.values()].flatMap(({ native, port }) =>
      port === null ? [] : this.#portInfo(native, port),
    );
  }

  #portInfo(
    { attached, deviceDescriptor, busNumber, portNumbers }: ViewedDevice,
    path: string,
  ): SerialPortInfo {
    const serialNumber = stringOf(attached.fn.descriptors.strings.get(3)) ?? undefined;
    const ids = [deviceDescriptor.idVendor, deviceDescriptor.idProduct].map((id) =>
      id.toString(16).padStart(4, '0'),
    );
    const [vendorId = '', productId = ''] = ids;
    if (this.platform === 'darwin')
      return { path, vendorId, productId, serialNumber, locationId: locationId(busNumber, portNumbers) };
    const last = String(portNumbers.at(-1)).padStart(4, '0');
    return {
      path,
      vendorId: vendorId.toUpperCase(),
      productId: productId.toUpperCase(),
      serialNumber: serialNumber?.toUpperCase(),
      locationId: `Port_#${last}.Hub_#${String(portNumbers.length).padStart(4, '0')}`,
    };
  }

  async #openPort(path: string, baudRate: number): Promise<ViewedPort> {
    const viewed = this.#withPort(path);
    const mayOpen = viewed !== null && (await this.mayUse(path)).ok;
    if (!mayOpen || !viewed.native.attached.claim('serial'))
      throw new Error(`Opening ${path}: Access denied`);
    return new ViewedPort(await SimByteLink.open(viewed.native.attached, this.#bench.clock, path, baudRate));
  }

  /** On a Mac, cu.* and tty.* are the same port. */
  #withPort(path: string): Viewed | null {
    const own = path.replace('/dev/cu.', '/dev/tty.');
    return [...this.#viewed.values()].find(({ port }) => port === own) ?? null;
  }

  #tell(event: 'attach' | 'detach'): void {
    for (const listener of [...this.#listeners[event]]) listener();
  }
}

const accessErrno = {
  'link/access': errno.access,
  'link/busy': errno.busy,
  'link/no-driver': errno.notSupported,
  'link/io': errno.io,
} as const;

/** IOKit's: the bus in the top byte, then a port number in each nibble. */
function locationId(busNumber: number, ports: readonly number[]): string {
  if (ports.some((port) => port > 15))
    throw new CanopusError('usage/invalid', 'A Mac counts ports up to 15.');
  const nibbles = ports.map((port) => port.toString(16)).join('');
  return `${busNumber.toString(16).padStart(2, '0')}${nibbles}`.padEnd(8, '0');
}
