import * as z from 'zod/mini';
import type { UsbDevice, UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import { uartBaudRate } from '../../../app/flash/katapult-over-uart.ts';
import { isPortPath, type PortPath } from '../../../app/place.ts';
import type { ByteLink } from '../../../app/transport/byte-link.ts';
import type { UsbLink } from '../../../app/transport/usb-link.ts';
import type { DeviceAccess } from '../../devices/device-access.ts';
import { DeviceFollower } from '../../devices/device-follower.ts';
import type { DeviceSource, Scan } from '../../devices/device-source.ts';
import { AgentByteLink } from './agent-byte-link.ts';
import { AgentCanLink } from './agent-can-link.ts';
import type { AgentClient } from './agent-client.ts';
import { agentError, whenOpening } from './agent-errors.ts';
import { AgentUsbLink } from './agent-usb-link.ts';
import { OpenLinks } from '../../devices/open-links.ts';

/** Any except 1200, which asks Klipper for its bootloader; CDC-ACM devices ignore it. */
const defaultBaudRate = 115_200;

const text = z.nullable(z.string());
const scanned = z.looseObject({
  unsettled: z.boolean(),
  devices: z.array(
    z.looseObject({
      portPath: z.custom<PortPath>((value) => typeof value === 'string' && isPortPath(value)),
      arrival: z.string(),
      vendorId: z.int(),
      productId: z.int(),
      bcdDevice: z.int(),
      manufacturer: text,
      product: text,
      serialNumber: text,
      interfaces: z.array(z.string()),
      tty: text,
      access: z.enum(['ok', 'refused', 'pending']),
    }),
  ),
});

const uartNames = z.looseObject({ names: z.array(z.string()) });

/** Gives an agent that runs as root, for the purpose that is said; throws if a person refuses. */
export type RootAgent = (purpose: string) => Promise<AgentClient>;

interface PiDevicesOptions {
  readonly client: AgentClient;
  /** For what the user there may not open; null if nothing is done as root. */
  readonly asRoot: RootAgent | null;
}

/** The agent's view of what is plugged into its Pi. */
class AgentSource implements DeviceSource {
  readonly #client: AgentClient;
  #watching: Promise<unknown> | null = null;

  constructor(client: AgentClient) {
    this.#client = client;
  }

  async scan({ settle = false }: { settle?: boolean } = {}): Promise<Scan> {
    // A hint that came before the agent watched would be missed.
    await this.#watching;
    const { header } = await this.#client.request('scan', { settle }).catch((error: unknown) => {
      throw agentError(error, this.#client.label);
    });
    const { devices, unsettled } = scanned.parse(header);
    return {
      unsettled,
      devices: devices.map(({ arrival, access, portPath, tty, ...device }) => ({
        arrival,
        native: null,
        device: usbDevice({ ...device, portPath, tty }, access === 'refused'),
      })),
    };
  }

  watch(hint: () => void): () => void {
    this.#watching ??= this.#client.request('watch');
    this.#watching.catch(() => undefined);
    return this.#client.onHint(hint);
  }
}

function usbDevice(
  {
    portPath,
    vendorId,
    productId,
    bcdDevice,
    manufacturer,
    product,
    serialNumber,
    interfaces,
    tty,
  }: Omit<UsbDevice, 'access' | 'driver'>,
  isRefused: boolean,
): UsbDevice {
  return {
    ...{ portPath, vendorId, productId, bcdDevice, manufacturer, product, serialNumber, interfaces, tty },
    access: isRefused ? { ok: false, code: 'link/access' } : { ok: true },
    driver: null,
  };
}

/** The USB devices, serial ports and CAN interfaces of a Pi, through the agent that runs there. */
export class PiDevices implements DeviceAccess {
  readonly #client: AgentClient;
  readonly #asRoot: RootAgent | null;
  readonly #source: AgentSource;
  readonly #follower: DeviceFollower;
  readonly #links = new OpenLinks();

  constructor({ client, asRoot }: PiDevicesOptions) {
    this.#client = client;
    this.#asRoot = asRoot;
    this.#source = new AgentSource(client);
    this.#follower = new DeviceFollower(this.#source, client.clock);
  }

  async list(): Promise<readonly UsbDevice[]> {
    return (await this.#source.scan({ settle: true })).devices.map(({ device }) => device);
  }

  watch(listener: (event: UsbDeviceEvent) => void): Promise<() => void> {
    return this.#follower.add(listener);
  }

  async openUsb(portPath: PortPath): Promise<UsbLink> {
    const purpose = `open the USB device on port ${portPath}`;
    return await this.#opened(purpose, (client) => AgentUsbLink.open(client, portPath));
  }

  async openSerial(portPath: PortPath, { baudRate }: { baudRate?: number } = {}): Promise<ByteLink> {
    return await this.openTty(await this.#ttyOf(portPath), baudRate);
  }

  /** Opens a serial port by its path, such as /dev/serial0. */
  async openTty(tty: string, baudRate = defaultBaudRate): Promise<ByteLink> {
    return await this.#opened(`open the serial port ${tty}`, (client) =>
      AgentByteLink.open(client, tty, baudRate),
    );
  }

  /** Opens a serial port that a microcontroller is wired to, such as ttyAMA0; see `AgentByteLink.openUart`. */
  async openUart(name: string): Promise<ByteLink> {
    return await this.#opened(`open the serial port ${name}`, (client) =>
      AgentByteLink.openUart(client, name, uartBaudRate),
    );
  }

  /** Every path that a configuration may name that port by. */
  async uartNames(name: string): Promise<readonly string[]> {
    const { header } = await this.#client.request('uart.names', { name }).catch((error: unknown) => {
      throw agentError(error, `${name} of ${this.#client.label}`);
    });
    return uartNames.parse(header).names;
  }

  async requestBootloader(portPath: PortPath): Promise<void> {
    const tty = await this.#ttyOf(portPath);
    await this.#allowed(`open the serial port ${tty}`, async (client) => {
      await client.request('serial.touch', { tty }).catch((error: unknown) => {
        throw agentError(error, `${tty} of ${client.label}`, whenOpening);
      });
    });
  }

  /** Opens a CAN interface that is up; see `AgentCanLink.open`. A raw CAN socket needs no right. */
  async openCan(interfaceName: string, ids: readonly number[] | null = null): Promise<AgentCanLink> {
    return this.#links.keep(await AgentCanLink.open(this.#client, interfaceName, ids));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#follower.close();
    await this.#links.closeAll();
    await this.#client.close();
  }

  async #ttyOf(portPath: PortPath): Promise<string> {
    const device = (await this.list()).find((each) => each.portPath === portPath);
    const on = `port ${portPath} of ${this.#client.label}`;
    if (device === undefined)
      throw new CanopusError('device/not-found', `Nothing is plugged into ${on}.`, { portPath });
    if (device.tty !== null) return device.tty;
    throw new CanopusError('device/not-found', `The device on ${on} has no serial port.`, { portPath });
  }

  async #opened<Link extends UsbLink | ByteLink>(
    purpose: string,
    open: (client: AgentClient) => Promise<Link>,
  ): Promise<Link> {
    return this.#links.keep(await this.#allowed(purpose, open));
  }

  /** Does it as the user who logged in, and as root only if the Pi refuses that and a person agrees. */
  async #allowed<T>(purpose: string, work: (client: AgentClient) => Promise<T>): Promise<T> {
    try {
      return await work(this.#client);
    } catch (error) {
      if (!isCanopusError(error, 'link/access') || this.#asRoot === null || this.#client.uid === 0)
        throw error;
      return await work(await this.#asRoot(purpose));
    }
  }
}
