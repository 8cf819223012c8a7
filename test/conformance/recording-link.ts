import type { ControlSetup, TransferOptions, UsbLink } from '../../app/transport/usb-link.ts';

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ` ${hex(byte, 2)}`).join('');
}

/** bmRequestType, bRequest, wValue, wIndex, wLength, then the OUT data or what came in. */
function line(setup: ControlSetup, wLength: number, data: string): string {
  const { bmRequestType, bRequest, wValue, wIndex } = setup;
  return `${hex(bmRequestType, 2)} ${hex(bRequest, 2)} ${hex(wValue, 4)} ${hex(wIndex, 4)} ${hex(wLength, 4)} ${data}`;
}

/** Passes everything on and writes every control transfer down: `21 01 0000 0000 0005 -> 41 00 00 00 08`. */
export class RecordingLink implements UsbLink {
  readonly label: string;
  readonly portPath: string;
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  /** One line per transfer, in the order in which they ended. */
  readonly transcript: string[] = [];
  readonly #link: UsbLink;

  constructor(link: UsbLink) {
    this.#link = link;
    this.label = link.label;
    this.portPath = link.portPath;
    this.deviceDescriptor = link.deviceDescriptor;
    this.configurationDescriptor = link.configurationDescriptor;
  }

  /** How many class requests were made. */
  get classRequests(): number {
    return this.transcript.filter((entry) => entry.startsWith('21 ') || entry.startsWith('a1 ')).length;
  }

  async controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    try {
      const answer = await this.#link.controlIn(setup, length, options);
      this.transcript.push(line(setup, length, `<-${hexBytes(answer)}`));
      return answer;
    } catch (error) {
      this.transcript.push(line(setup, length, '<- failed'));
      throw error;
    }
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    const entry = line(setup, data.length, `->${hexBytes(data)}`);
    try {
      await this.#link.controlOut(setup, data, options);
      this.transcript.push(entry);
    } catch (error) {
      this.transcript.push(`${entry} failed`);
      throw error;
    }
  }

  bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#link.bulkIn(endpoint, length, options);
  }

  bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    return this.#link.bulkOut(endpoint, data, options);
  }

  claimInterface(interfaceNumber: number): Promise<void> {
    return this.#link.claimInterface(interfaceNumber);
  }

  async setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    await this.#link.setAltSetting(interfaceNumber, alternateSetting);
    this.transcript.push(`01 0b ${hex(alternateSetting, 4)} ${hex(interfaceNumber, 4)} 0000 ->`);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
