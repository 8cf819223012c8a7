import { joinBytes } from '../join-bytes.ts';
import { busidBytes, decodeBusid, operationBytes, operationCodes, usbIpVersion } from './operation.ts';
import { decodeUrb, urbBytes, urbHeaderBytes, type Submit, type Unlink } from './urb.ts';

export type UsbIpRequest =
  { readonly type: 'devlist' } | { readonly type: 'import'; readonly busid: string } | Submit | Unlink;

/**
 * Splits a USB/IP peer's bytes into requests, whatever pieces they arrive in. Holds at most one unfinished message.
 * `push` throws RangeError on bytes that are not USB/IP; close the connection then.
 */
export class RequestReader {
  #held: Uint8Array = new Uint8Array(0);
  #isImported = false;

  /** Call once an import was granted: transfers follow. */
  imported(): void {
    this.#isImported = true;
  }

  *push(chunk: Uint8Array): Generator<UsbIpRequest, void, void> {
    let bytes = this.#held.length === 0 ? chunk : joinBytes([this.#held, chunk]);
    for (;;) {
      const length = this.#isImported ? urbLength(bytes) : operationLength(bytes);
      if (length === null || bytes.length < length) break;
      const message = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      this.#held = bytes;
      yield this.#isImported ? decodeUrb(message) : decodeOperation(message);
    }
    this.#held = bytes.slice();
  }
}

function urbLength(bytes: Uint8Array): number | null {
  if (bytes.length < urbHeaderBytes) return null;
  const length = urbBytes(bytes.subarray(0, urbHeaderBytes));
  if (length === null) throw new RangeError('not a USB/IP transfer');
  return length;
}

function operationLength(bytes: Uint8Array): number | null {
  if (bytes.length < operationBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const code = view.getUint16(2);
  if (view.getUint16(0) !== usbIpVersion) throw new RangeError('not USB/IP 1.1.1');
  if (code === operationCodes.devlist) return operationBytes;
  if (code === operationCodes.import) return operationBytes + busidBytes;
  throw new RangeError(`unknown USB/IP operation ${code}`);
}

function decodeOperation(message: Uint8Array): UsbIpRequest {
  if (message.length === operationBytes) return { type: 'devlist' };
  return { type: 'import', busid: decodeBusid(message.subarray(operationBytes)) };
}
