import { cdcAcmDescriptors, firmwareNames, firmwareStrings } from '../cdc/cdc-descriptors.ts';
import { CdcFunction } from '../cdc/cdc-function.ts';
import { KatapultCore, receiveBytesOf, type KatapultOptions } from './katapult-core.ts';

/** Katapult on USB: CDC-ACM, 1d50:6177, manufacturer "katapult". `uid` has 12 bytes. */
export function katapultOnUsb(options: Omit<KatapultOptions, 'respond'>, uid: Uint8Array): CdcFunction {
  const { build } = options;
  const receiveBytes = receiveBytesOf(build);
  const core = new KatapultCore({ ...options, respond: (frame) => port.send(frame) });
  const port = new CdcFunction(
    cdcAcmDescriptors(0x6177, firmwareStrings(firmwareNames('katapult', build.mcu, uid))),
    core,
    // Blocks above 64 bytes need larger buffers; no such build is known.
    { receiveBytes, transmitBytes: Math.max(192, receiveBytes + 64) },
  );
  return port;
}
