import type { NativeDevice } from '../../devices/libusb.ts';
import { errno, nativeFailure } from './native-failure.ts';

const hubClass = 9;
/** Two identical controllers, as many boards have them, and a different one. */
const controllers = [
  { vendorId: 0x1022, productId: 0x43d5 },
  { vendorId: 0x1022, productId: 0x149c },
  { vendorId: 0x1022, productId: 0x149c },
] as const;

/** The PCI ids of the controller of a bus. */
export function rootHubIds(busNumber: number): { readonly vendorId: number; readonly productId: number } {
  return controllers[(busNumber - 1) % controllers.length] ?? controllers[0];
}

/** libusb on Windows gives a root hub the ids of its controller (windows_winusb.c, `init_root_hub`). */
export function viewedRootHub(busNumber: number): NativeDevice {
  const { vendorId: idVendor, productId: idProduct } = rootHubIds(busNumber);
  const refuse = (): never => {
    throw nativeFailure(errno.notSupported);
  };
  return {
    busNumber,
    deviceAddress: 0,
    deviceDescriptor: {
      ...{ bDeviceClass: hubClass, idVendor, idProduct, bcdDevice: 0 },
      ...{ iManufacturer: 0, iProduct: 0, iSerialNumber: 0, bNumConfigurations: 1 },
    },
    configDescriptor: undefined,
    open: refuse,
    close: refuse,
    getStringDescriptor: refuse,
    __claimInterface: refuse,
    __releaseInterface: refuse,
    __setInterface: refuse,
    __clearHalt: refuse,
    __isKernelDriverActive: refuse,
    __detachKernelDriver: refuse,
    __attachKernelDriver: refuse,
  };
}
