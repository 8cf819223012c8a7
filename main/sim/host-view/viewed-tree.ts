import { setMaxListeners } from 'node:events';
import { driverOf, type DriverKind } from '../../../app/boards/device-driver.ts';
import type { PnpDevice, PnpList, PnpTree } from '../../devices/windows/pnp-tree.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { interfacesOf, stringOf } from '../bus/descriptors.ts';
import type { ViewedDevice } from './viewed-device.ts';
import { rootHubIds } from './viewed-root-hub.ts';

/** From a change on the bus to the list that shows it: PowerShell queries every device's properties. */
const listDelayMs = 700;
/** Device Manager's code for a device without a driver: CM_PROB_FAILED_INSTALL. */
const failedInstall = 28;

const bound: Readonly<Record<DriverKind, readonly [service: string | null, provider: string | null]>> = {
  none: [null, null],
  winusb: ['WinUSB', 'libwdi'],
  libusbk: ['libusbK', 'libusbK'],
  libusb0: ['libusb0', 'libusb-win32'],
  st: ['STTub30', 'STMicroelectronics'],
  serial: ['usbser', 'Microsoft'],
  other: ['GuilDfu', 'Guillemot Corporation'],
};

/** What is plugged in, with the driver of each device. */
interface ViewedBus {
  devices(): readonly (readonly [ViewedDevice, DriverKind])[];
  busNumbers(): readonly number[];
}

/** Windows' own list of the virtual devices, a little late like the real one. */
export class ViewedTree implements PnpTree {
  readonly #clock: Clock;
  readonly #bus: ViewedBus;
  readonly #hints = new Set<() => void>();
  readonly #closing = new AbortController();
  #list: PnpList;

  constructor(clock: Clock, bus: ViewedBus) {
    this.#clock = clock;
    this.#bus = bus;
    // Every pending list has a listener.
    setMaxListeners(0, this.#closing.signal);
    this.#list = this.#look();
  }

  read(): Promise<PnpList> {
    return Promise.resolve(this.#list);
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  watch(hint: () => void): () => void {
    this.#hints.add(hint);
    return () => this.#hints.delete(hint);
  }

  close(): void {
    this.#closing.abort();
  }

  /** Devices present now were there long before. */
  begin(): void {
    this.#list = this.#look();
  }

  /** The bus has changed. */
  changed(): void {
    const list = this.#look();
    this.#clock.sleep(listDelayMs, this.#closing.signal).then(
      () => {
        this.#list = list;
        for (const hint of this.#hints) hint();
      },
      () => undefined,
    );
  }

  #look(): PnpList {
    const devices = this.#bus.devices().map(([device, driver]) => pnpDevice(device, driver));
    const roots = this.#bus.busNumbers().map((bus) => ({ root: rootName(bus), ...rootHubIds(bus) }));
    return { devices, roots, readAtMs: this.#clock.nowMs() };
  }
}

function pnpDevice(device: ViewedDevice, kind: DriverKind): PnpDevice {
  const { configuration, strings } = device.attached.fn.descriptors;
  const interfaces = interfacesOf(configuration);
  const { idVendor: vendorId, idProduct: productId } = device.deviceDescriptor;
  // Windows writes instance ids in capitals and without spaces.
  const serialNumber = stringOf(strings.get(3))?.toUpperCase().replaceAll(' ', '_') ?? null;
  const [vendor, product] = [vendorId, productId].map((id) => id.toString(16).toUpperCase().padStart(4, '0'));
  return {
    instanceId: `USB\\VID_${vendor ?? ''}&PID_${product ?? ''}\\${serialNumber ?? '5&1&0&1'}`,
    ...{ vendorId, productId, serialNumber },
    product: stringOf(strings.get(2)),
    interfaces: interfaces.length === 1 ? interfaces : null,
    driver: driverOf(...bound[kind]),
    problem: kind === 'none' ? failedInstall : 0,
    place: { root: rootName(device.busNumber), ports: device.portNumbers },
  };
}

function rootName(busNumber: number): string {
  return `PCIROOT(0)#PCI(${busNumber}400)#USBROOT(0)`;
}
