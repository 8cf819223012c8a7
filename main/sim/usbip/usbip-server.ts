import type { Socket } from 'node:net';
import type { AttachedDevice } from '../bus/attached-device.ts';
import { listenOnLoopback, type LoopbackServer } from '../listen-on-loopback.ts';
import { ImportedDevice } from './imported-device.ts';
import { encodeDeviceList, encodeImportReply, type ExportedDevice } from './operation.ts';
import { RequestReader, type UsbIpRequest } from './request-reader.ts';

/**
 * Exports virtual devices to the vhci-hcd of a Linux kernel. A busid is a port path, so a board that changes mode
 * keeps its busid; the kernel sees it leave (the connection closes) and whoever attaches it again sees the new mode.
 * Listens on this computer's loopback address only.
 *
 * @param present the devices that are on the bus now; asked at every request.
 * @param port 0 takes any free one.
 * @throws `usage/invalid` where the port cannot be had.
 */
export function serveUsbIp(present: () => readonly AttachedDevice[], port = 0): Promise<LoopbackServer> {
  return listenOnLoopback(port, (socket) => serveConnection(socket, present));
}

function serveConnection(socket: Socket, present: () => readonly AttachedDevice[]): void {
  const reader = new RequestReader();
  let imported: ImportedDevice | null = null;
  const send = (bytes: Uint8Array): void => {
    if (!socket.destroyed) socket.write(bytes);
  };
  const take = (device: AttachedDevice): void => {
    const taken = new ImportedDevice(device, send);
    imported = taken;
    reader.imported();
    // What was answered before still goes out.
    const forget = device.onDetach(() => socket.destroySoon());
    socket.once('close', () => {
      forget();
      taken.close();
      device.release();
    });
  };
  const handle = (request: UsbIpRequest): void => {
    switch (request.type) {
      case 'devlist':
        socket.end(encodeDeviceList(present().map(exported)));
        return;
      case 'import': {
        const device = present().find((candidate) => candidate.portPath === request.busid);
        if (device?.claim('usbip') !== true) {
          socket.end(encodeImportReply(null));
          return;
        }
        send(encodeImportReply(exported(device)));
        take(device);
        return;
      }
      case 'submit':
        imported?.submit(request);
        return;
      case 'unlink':
        imported?.unlink(request);
    }
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      // As what it says it is: `slice` of a Buffer is no copy, and everything behind relies on one.
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      for (const request of reader.push(bytes)) handle(request);
    } catch {
      // Not USB/IP: there is nobody to explain it to.
      socket.destroy();
    }
  });
}

function exported(device: AttachedDevice): ExportedDevice {
  const { descriptors } = device.fn;
  const [bus = 1, ...chain] = device.portPath.split(/[-.]/).map(Number);
  return {
    busid: device.portPath,
    busnum: bus,
    devnum: chain.reduce((number, port) => number * 16 + port, 1) & 0xffff,
    deviceDescriptor: descriptors.device,
    configurationDescriptor: descriptors.configuration,
  };
}
