import { cdcAcmDescriptors, firmwareStrings, type FirmwareNames } from '../cdc/cdc-descriptors.ts';
import { CdcFunction } from '../cdc/cdc-function.ts';

/** At 1200 baud, DTR off asks for the bootloader, as Arduino's tools do (Klipper documentation, Bootloader_Entry.md). */
const bootloaderBaudRate = 1200;

/**
 * Klipper on USB serial: CDC-ACM, 1d50:614e. Accepts data and sends nothing (Klipper's own protocol is not simulated),
 * but enters the bootloader when asked.
 */
export function klipperOnUsbSerial(names: FirmwareNames, requestBootloader: () => void): CdcFunction {
  return new CdcFunction(cdcAcmDescriptors(0x614e, firmwareStrings(names)), {
    take: (received) => received.length,
    lineChanged: (baudRate, dtr) => {
      if (baudRate === bootloaderBaudRate && !dtr) requestBootloader();
    },
  });
}
