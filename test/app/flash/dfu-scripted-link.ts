import { CanopusError } from '../../../app/errors.ts';
import type { ErrorCode } from '../../../app/errors.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { ControlSetup, TransferOptions, UsbLink } from '../../../app/transport/usb-link.ts';
import { RecordingLink } from '../../conformance/recording-link.ts';

/** An STM32F4's configuration in ROM DFU: one interface, four alternate settings, the functional descriptor. */
export const romConfiguration = Uint8Array.from([
  ...[9, 2, 54, 0, 1, 1, 0, 0xc0, 0x32],
  ...[0, 1, 2, 3].flatMap((alternate) => [9, 4, 0, alternate, 0, 0xfe, 1, 2, 4 + alternate]),
  ...[9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01],
]);

/**
 * A device that expects exactly these control transfers, written as in test/fixtures/dfuse: the reply of an IN transfer
 * is in the line; `link/…` at its end is the error it ends with. Anything else fails the test.
 */
export class ScriptedLink implements UsbLink {
  readonly label = '0483:df11 at 1-1';
  readonly portPath = '1-1';
  readonly deviceDescriptor = new Uint8Array(18);
  readonly configurationDescriptor: Uint8Array;
  /** The time limit that each transfer was given. */
  readonly timeoutsMs: number[] = [];
  readonly #script: string[];
  #next = 0;

  constructor(script: readonly string[], configuration: Uint8Array = romConfiguration) {
    this.#script = [...script];
    this.configurationDescriptor = configuration;
  }

  /** The lines that were not used. */
  get left(): readonly string[] {
    return this.#script.slice(this.#next);
  }

  controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#take(setup, length, null, options);
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    await this.#take(setup, data.length, data, options);
  }

  async #take(
    setup: ControlSetup,
    wLength: number,
    data: Uint8Array | null,
    options: TransferOptions,
  ): Promise<Uint8Array> {
    this.timeoutsMs.push(options.timeoutMs);
    const expected = this.#script[this.#next++] ?? 'nothing more';
    const [request = '', answer = ''] = expected.split(data ? /(?= link\/)/ : ' <-');
    const made = await describeTransfer(setup, wLength, data);
    if (made !== request) throw new Error(`line ${this.#next}: expected "${request}", got "${made}"`);
    const code = answer.trim();
    if (code.startsWith('link/')) throw new CanopusError(code as ErrorCode, `${this.label}: ${code}.`);
    return data ? new Uint8Array(0) : parseBytes(answer);
  }

  bulkIn(): Promise<Uint8Array> {
    return Promise.reject(new Error('no bulk endpoint'));
  }

  bulkOut(): Promise<void> {
    return Promise.reject(new Error('no bulk endpoint'));
  }

  claimInterface(): Promise<void> {
    return Promise.resolve();
  }

  async setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    const setup = { bmRequestType: 0x01, bRequest: 0x0b, wValue: alternateSetting, wIndex: interfaceNumber };
    await this.controlOut(setup, new Uint8Array(0), { timeoutMs: 1 });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** `bmRequestType bRequest wValue wIndex wLength`, and the OUT data. */
async function describeTransfer(
  setup: ControlSetup,
  wLength: number,
  data: Uint8Array | null,
): Promise<string> {
  const recorder = new RecordingLink(silentLink);
  if (data) await recorder.controlOut(setup, data, { timeoutMs: 1 });
  else await recorder.controlIn(setup, wLength, { timeoutMs: 1 });
  return shorten((recorder.transcript[0] ?? '').replace(/ <-$/, ''));
}

/** A byte that comes 16 times or more in a row is written `ff*16`. */
function shorten(text: string): string {
  return text.replace(/( \w\w)\1{15,}(?= |$)/g, (run, byte: string) => `${byte}*${run.length / 3}`);
}

function parseBytes(text: string): Uint8Array {
  const bytes = text.split(' ').flatMap((token) => {
    const [byte = '', times = '1'] = token.split('*');
    return byte === '' ? [] : Array.from({ length: Number(times) }, () => parseInt(byte, 16));
  });
  return Uint8Array.from(bytes);
}

const silentLink: UsbLink = {
  label: '',
  portPath: '',
  deviceDescriptor: new Uint8Array(0),
  configurationDescriptor: new Uint8Array(0),
  controlIn: () => Promise.resolve(new Uint8Array(0)),
  controlOut: () => Promise.resolve(),
  bulkIn: () => Promise.resolve(new Uint8Array(0)),
  bulkOut: () => Promise.resolve(),
  claimInterface: () => Promise.resolve(),
  setAltSetting: () => Promise.resolve(),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** A clock that jumps, and remembers every wait. */
export class JumpingClock implements Clock {
  readonly waitsMs: number[] = [];
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    this.waitsMs.push(ms);
    this.#nowMs += ms;
    return Promise.resolve();
  }
}

/** The request for an interface string, with this text as the reply. */
export function stringLine(index: number, text: string, bLength = 2 + 2 * text.length): string {
  const bytes = [
    bLength,
    3,
    ...Array.from(text).flatMap((c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8]),
  ];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `80 06 03${index.toString(16).padStart(2, '0')} 0409 00ff <- ${hex}`;
}
