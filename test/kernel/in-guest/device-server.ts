/**
 * Runs in the guest: opens its real devices for the test process, so that one suite meets real libusb and serial ports
 * as it meets virtual ones. Calls that process back at `HOST:PORT` (first argument) with the token in its environment
 * and ends with that connection.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { toCanopusError } from '../../../app/errors.ts';
import type { ByteLink } from '../../../app/transport/byte-link.ts';
import type { UsbLink } from '../../../app/transport/usb-link.ts';
import { HostDevices } from '../../../main/devices/host-devices.ts';
import { SerialLink } from '../../../main/devices/serial-link.ts';
import { systemClock } from '../../../main/system-clock.ts';
import {
  decode,
  encode,
  type RemoteAnswer,
  type RemoteCalls,
  type RemoteName,
  type RemoteRequest,
} from '../remote/protocol.ts';

type Handlers = {
  readonly [Name in RemoteName]: (
    signal: AbortSignal,
    ...args: Parameters<RemoteCalls[Name]>
  ) => Promise<ReturnType<RemoteCalls[Name]>>;
};

const devices = new HostDevices();
const usbLinks = new Map<number, UsbLink>();
const byteLinks = new Map<number, ByteLink>();
const running = new Map<number, AbortController>();
let lastLink = 0;
let unwatch: (() => void) | null = null;

const [host, port] = (process.argv[2] ?? '').split(':');
const socket = connect({ host: host ?? '', port: Number(port), noDelay: true });

function answer(message: RemoteAnswer): void {
  socket.write(encode(message));
}

function opened<Link>(links: Map<number, Link>, link: Link): number {
  lastLink += 1;
  links.set(lastLink, link);
  return lastLink;
}

function linkOf<Link>(links: ReadonlyMap<number, Link>, number: number): Link {
  const link = links.get(number);
  if (link === undefined) throw new Error(`no link ${number}`);
  return link;
}

const handlers: Handlers = {
  list: () => devices.list(),
  async watch() {
    unwatch = await devices.watch((event) => {
      answer({ event, monotonicMs: Number(process.hrtime.bigint()) / 1e6 });
    });
  },
  unwatch() {
    unwatch?.();
    unwatch = null;
    return Promise.resolve();
  },
  async openUsb(_signal, portPath) {
    const link = await devices.openUsb(portPath);
    const { label, deviceDescriptor, configurationDescriptor } = link;
    return { link: opened(usbLinks, link), label, deviceDescriptor, configurationDescriptor };
  },
  async openSerial(_signal, portPath, baudRate) {
    const link = await devices.openSerial(portPath, baudRate === null ? {} : { baudRate });
    return { link: opened(byteLinks, link), label: link.label };
  },
  async openTty(_signal, tty) {
    const link = await SerialLink.open(tty, 115_200, systemClock);
    return { link: opened(byteLinks, link), label: link.label };
  },
  requestBootloader: (_signal, portPath) => devices.requestBootloader(portPath),
  controlIn: (signal, link, setup, length, timeoutMs) =>
    linkOf(usbLinks, link).controlIn(setup, length, { timeoutMs, signal }),
  controlOut: (signal, link, setup, data, timeoutMs) =>
    linkOf(usbLinks, link).controlOut(setup, data, { timeoutMs, signal }),
  bulkIn: (signal, link, endpoint, length, timeoutMs) =>
    linkOf(usbLinks, link).bulkIn(endpoint, length, { timeoutMs, signal }),
  bulkOut: (signal, link, endpoint, data, timeoutMs) =>
    linkOf(usbLinks, link).bulkOut(endpoint, data, { timeoutMs, signal }),
  claimInterface: (_signal, link, interfaceNumber) => linkOf(usbLinks, link).claimInterface(interfaceNumber),
  setAltSetting: (_signal, link, interfaceNumber, alternateSetting) =>
    linkOf(usbLinks, link).setAltSetting(interfaceNumber, alternateSetting),
  read: (signal, link, timeoutMs) => linkOf(byteLinks, link).read({ timeoutMs, signal }),
  write: (signal, link, bytes) => linkOf(byteLinks, link).write(bytes, signal),
  close: (_signal, link) => (usbLinks.get(link) ?? linkOf(byteLinks, link)).close(),
};

async function serve({ id, call, args, stopped }: Exclude<RemoteRequest, { stop: true }>): Promise<void> {
  const controller = new AbortController();
  if (stopped) controller.abort(new Error('stopped'));
  running.set(id, controller);
  try {
    // Both ends are built from one table in one run, so the arguments are what the table says.
    const handler = handlers[call] as (signal: AbortSignal, ...rest: readonly unknown[]) => Promise<unknown>;
    answer({ id, result: (await handler(controller.signal, ...args)) ?? null });
  } catch (error) {
    if (error === controller.signal.reason) {
      answer({ id, stopped: true });
      return;
    }
    const { code, message, details, state } = toCanopusError(error);
    answer({ id, failure: { code, message, details, state } });
  } finally {
    running.delete(id);
  }
}

const input = createInterface({ input: socket });
input.on('line', (line) => {
  const request = decode(line) as RemoteRequest;
  if ('stop' in request) running.get(request.id)?.abort(new Error('stopped'));
  else void serve(request);
});
socket.on('close', () => process.exit(0));
answer({ token: process.env['REMOTE_TOKEN'] ?? '' });
