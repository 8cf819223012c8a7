import type { Socket } from 'node:net';
import type { AttachedDevice } from '../bus/attached-device.ts';
import { listenOnLoopback, type LoopbackServer } from '../listen-on-loopback.ts';
import { ImportedDevice } from './imported-device.ts';
import { encodeDeviceList, encodeImportReply, type ExportedDevice } from './operation.ts';
import { RequestReader, type UsbIpRequest } from './request-reader.ts';

/**
 * Exports virtual devices to the vhci-hcd of a Linux kernel. A busid is a port path, so a board that changes mode keeps
 * its busid; the kernel sees it leave (the connection closes), and attaching it again shows the new mode. Listens on
 * this computer's loopback address only. Throws `usage/invalid` if the port is not available.
 *
 * @param present the devices on the bus now; called for every request.
 * @param port 0 takes any free one.
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
    // Earlier replies are still sent.
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
      // A copy, as the type promises: `slice` of a Buffer is not one, and the code behind relies on it.
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      for (const request of reader.push(bytes)) handle(request);
    } catch {
      // Not USB/IP: there is no peer that would understand an error.
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
