import type { PortPath } from '../../../app/place.ts';
import type { UsbDevice, UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import type { CanopusError } from '../../../app/errors.ts';
import type { ControlSetup } from '../../../app/transport/usb-link.ts';

/** What the program in the guest does for this machine: `DeviceAccess` and its links, call by call. */
export interface RemoteCalls {
  list(): readonly UsbDevice[];
  watch(): void;
  unwatch(): void;
  openUsb(portPath: PortPath): OpenedUsb;
  openSerial(portPath: PortPath, baudRate: number | null): OpenedSerial;
  /** Opens a tty that belongs to no USB device: a pseudo-terminal. */
  openTty(tty: string): OpenedSerial;
  requestBootloader(portPath: PortPath): void;
  controlIn(link: number, setup: ControlSetup, length: number, timeoutMs: number): Uint8Array;
  controlOut(link: number, setup: ControlSetup, data: Uint8Array, timeoutMs: number): void;
  bulkIn(link: number, endpoint: number, length: number, timeoutMs: number): Uint8Array;
  bulkOut(link: number, endpoint: number, data: Uint8Array, timeoutMs: number): void;
  claimInterface(link: number, interfaceNumber: number): void;
  setAltSetting(link: number, interfaceNumber: number, alternateSetting: number): void;
  read(link: number, timeoutMs: number): Uint8Array;
  write(link: number, bytes: Uint8Array): void;
  close(link: number): void;
}

export type RemoteName = keyof RemoteCalls;

export interface OpenedSerial {
  readonly link: number;
  readonly label: string;
}

export interface OpenedUsb extends OpenedSerial {
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
}

/** To the guest. `stop` aborts the signal of an earlier call; a call with `stopped` begins with an aborted one. */
export type RemoteRequest =
  | {
      readonly id: number;
      readonly call: RemoteName;
      readonly args: readonly unknown[];
      readonly stopped: boolean;
    }
  | { readonly id: number; readonly stop: true };

export type RemoteFailure = Pick<CanopusError, 'code' | 'message' | 'details' | 'state'>;

/** From the guest. `event` comes from a watch, with the guest's monotonic time. */
export type RemoteAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: RemoteFailure }
  /** The call was stopped, with the same reason that the signal had. */
  | { readonly id: number; readonly stopped: true }
  | { readonly event: UsbDeviceEvent; readonly monotonicMs: number }
  /** First of all: proves to this machine who called. */
  | { readonly token: string };

/** One line of JSON; bytes as `{"$bytes": base64}`. */
export function encode(message: RemoteRequest | RemoteAnswer): string {
  const replace = (_key: string, value: unknown): unknown =>
    value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value;
  return `${JSON.stringify(message, replace)}\n`;
}

export function decode(line: string): unknown {
  return JSON.parse(line, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$bytes' in value)) return value;
    return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'));
  });
}
