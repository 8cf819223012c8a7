import type { PortPath } from '../../../app/place.ts';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import type { UsbDevice, UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { ByteLink } from '../../../app/transport/byte-link.ts';
import type { ControlSetup, TransferOptions, UsbLink } from '../../../app/transport/usb-link.ts';
import type { DeviceAccess } from '../../../main/devices/device-access.ts';
import { hostSeenFromGuest, type Guest, type GuestProcess, type RunOptions } from '../guest/client.ts';
import {
  decode,
  encode,
  type OpenedSerial,
  type OpenedUsb,
  type RemoteAnswer,
  type RemoteCalls,
  type RemoteName,
} from './protocol.ts';

interface Waiting {
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An event of the guest's devices with the guest's monotonic time. */
export type TimedEvent = (event: UsbDeviceEvent, monotonicMs: number) => void;

/** The real devices of the guest (`HostDevices` there), in this process. Started by `openRemoteDevices`. */
export class RemoteDevices implements DeviceAccess {
  readonly #process: GuestProcess;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<TimedEvent>();
  #lastId = 0;

  constructor(process: GuestProcess, socket: Socket, lines: Interface) {
    this.#process = process;
    this.#socket = socket;
    lines.on('line', (line) => {
      this.#take(decode(line) as RemoteAnswer);
    });
    process.result.then(
      ({ exitCode, stderr }) => this.#fail(new Error(`device server ended with ${exitCode}: ${stderr}`)),
      (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  list(): Promise<readonly UsbDevice[]> {
    return this.call('list', []);
  }

  watch(listener: (event: UsbDeviceEvent) => void): Promise<() => void> {
    return this.watchTimed(listener);
  }

  /** One watch at a time, which is enough for a test. */
  async watchTimed(listener: TimedEvent): Promise<() => void> {
    this.#listeners.add(listener);
    await this.call('watch', []);
    return () => {
      this.#listeners.delete(listener);
      this.call('unwatch', []).catch(() => undefined); // the server may have ended
    };
  }

  async openUsb(portPath: PortPath): Promise<UsbLink> {
    return new RemoteUsbLink(this, portPath, await this.call('openUsb', [portPath]));
  }

  async openSerial(portPath: PortPath, options: { baudRate?: number } = {}): Promise<ByteLink> {
    return new RemoteByteLink(this, await this.call('openSerial', [portPath, options.baudRate ?? null]));
  }

  async openTty(tty: string): Promise<ByteLink> {
    return new RemoteByteLink(this, await this.call('openTty', [tty]));
  }

  requestBootloader(portPath: PortPath): Promise<void> {
    return this.call('requestBootloader', [portPath]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    this.#process.kill('SIGKILL');
    await this.#process.result.catch(() => undefined);
  }

  async call<Name extends RemoteName>(
    call: Name,
    args: Parameters<RemoteCalls[Name]>,
    signal?: AbortSignal,
  ): Promise<ReturnType<RemoteCalls[Name]>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const stop = (): void => {
      this.#socket.write(encode({ id, stop: true }));
    };
    const result = await new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { signal, resolve, reject });
      // In one message: a `stop` of its own may arrive when the call is over.
      this.#socket.write(encode({ id, call, args, stopped: signal?.aborted === true }));
      signal?.addEventListener('abort', stop, { once: true });
    }).finally(() => signal?.removeEventListener('abort', stop));
    return result as ReturnType<RemoteCalls[Name]>;
  }

  #take(answer: RemoteAnswer): void {
    if ('token' in answer) return;
    if ('event' in answer) {
      for (const listener of this.#listeners) listener(answer.event, answer.monotonicMs);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('result' in answer) {
      waiting?.resolve(answer.result ?? undefined);
      return;
    }
    if ('stopped' in answer) {
      waiting?.reject(waiting.signal?.reason as Error);
      return;
    }
    const { code, message, details, state } = answer.failure;
    waiting?.reject(new CanopusError(code, message, details, state === null ? {} : { state }));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

class RemoteUsbLink implements UsbLink {
  readonly label: string;
  readonly portPath: string;
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  readonly #devices: RemoteDevices;
  readonly #link: number;

  constructor(devices: RemoteDevices, portPath: string, opened: OpenedUsb) {
    this.#devices = devices;
    this.#link = opened.link;
    this.portPath = portPath;
    this.label = opened.label;
    this.deviceDescriptor = opened.deviceDescriptor;
    this.configurationDescriptor = opened.configurationDescriptor;
  }

  controlIn(
    setup: ControlSetup,
    length: number,
    { timeoutMs, signal }: TransferOptions,
  ): Promise<Uint8Array> {
    return this.#devices.call('controlIn', [this.#link, setup, length, timeoutMs], signal);
  }

  controlOut(setup: ControlSetup, data: Uint8Array, { timeoutMs, signal }: TransferOptions): Promise<void> {
    return this.#devices.call('controlOut', [this.#link, setup, data, timeoutMs], signal);
  }

  bulkIn(endpoint: number, length: number, { timeoutMs, signal }: TransferOptions): Promise<Uint8Array> {
    return this.#devices.call('bulkIn', [this.#link, endpoint, length, timeoutMs], signal);
  }

  bulkOut(endpoint: number, data: Uint8Array, { timeoutMs, signal }: TransferOptions): Promise<void> {
    return this.#devices.call('bulkOut', [this.#link, endpoint, data, timeoutMs], signal);
  }

  claimInterface(interfaceNumber: number): Promise<void> {
    return this.#devices.call('claimInterface', [this.#link, interfaceNumber]);
  }

  setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    return this.#devices.call('setAltSetting', [this.#link, interfaceNumber, alternateSetting]);
  }

  close(): Promise<void> {
    return this.#devices.call('close', [this.#link]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class RemoteByteLink implements ByteLink {
  readonly label: string;
  readonly #devices: RemoteDevices;
  readonly #link: number;

  constructor(devices: RemoteDevices, { link, label }: OpenedSerial) {
    this.#devices = devices;
    this.#link = link;
    this.label = label;
  }

  read({ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<Uint8Array> {
    return this.#devices.call('read', [this.#link, timeoutMs], signal);
  }

  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#devices.call('write', [this.#link, bytes], signal);
  }

  close(): Promise<void> {
    return this.#devices.call('close', [this.#link]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Starts the device server in the guest. `script` is where its bundle was built to. */
export async function openRemoteDevices(
  guest: Guest,
  script: string,
  options: Pick<RunOptions, 'user' | 'groups'> = {},
): Promise<RemoteDevices> {
  const token = randomBytes(16).toString('hex');
  const server = createServer({ noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const process = guest.start(`exec node ${script} ${hostSeenFromGuest}:${port}`, {
    timeoutMs: 600_000,
    env: { REMOTE_TOKEN: token },
    ...options,
  });
  try {
    const ended = process.result.then(({ stderr }) =>
      Promise.reject(new Error(`device server ended: ${stderr}`)),
    );
    for (;;) {
      const [socket] = (await Promise.race([once(server, 'connection'), ended])) as [Socket];
      const lines = createInterface({ input: socket });
      const [first] = (await once(lines, 'line')) as [string];
      const hello = decode(first) as RemoteAnswer;
      if ('token' in hello && hello.token === token) return new RemoteDevices(process, socket, lines);
      socket.destroy();
    }
  } finally {
    server.close();
  }
}
