import { CanopusError } from '../../../app/errors.ts';
import { answerCode } from '../../../app/protocols/katapult/answer.ts';
import { commandCode } from '../../../app/protocols/katapult/command.ts';
import { FrameReader } from '../../../app/protocols/katapult/frame-reader.ts';
import { encodeFrame, type Frame } from '../../../app/protocols/katapult/frame.ts';
import type { ByteLink } from '../../../app/transport/byte-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';

/** One request as it arrived. `nth` counts the requests with this command, from 1. */
export interface Request {
  readonly command: number;
  readonly nth: number;
  readonly address: number;
}

/** What the device does instead of answering as it should. */
export type Reaction =
  | 'nothing'
  | 'nack'
  | 'commandError'
  | 'busy'
  /** Does it, and acknowledges the block behind it. */
  | 'wrongBlock'
  /** Does it, and acknowledges another command. */
  | 'wrongCommand'
  /** Does it, and replies twice. */
  | 'twice'
  /** Does it, and the last byte of the reply arrives changed. */
  | 'garbled'
  /** Returns the block with one bit changed. */
  | 'otherData'
  /** Takes no more bytes: this write and all later ones do not end. */
  | 'stuck'
  | 'gone';

export interface StandInOptions {
  readonly clock: Clock;
  readonly mcu?: string;
  readonly applicationAddress?: number;
  readonly blockSize?: number;
  readonly protocolVersion?: number;
  /** Called for every request; undefined means the device's normal reply. */
  readonly react?: (request: Request) => Reaction | undefined;
  /** Holds the first request back until a second one comes, as double-buffered USB peripherals do. */
  readonly isDoubleBuffered?: boolean;
  /** Cuts what is read into pieces of this size. */
  readonly pieceBytes?: number;
}

/** A Katapult of a few lines that replies at once, for what no virtual board does. Flash needs no erase here. */
export class KatapultStandIn implements ByteLink {
  readonly label = 'stand-in';
  readonly requests: Request[] = [];
  /** Blocks in the order in which they were written. */
  readonly written: number[] = [];
  readonly flash = new Map<number, Uint8Array>();
  /** The most requests that were unanswered at once, by command. */
  readonly mostInFlight = new Map<number, number>();
  readonly #options: StandInOptions;
  readonly #reader = new FrameReader();
  readonly #counts = new Map<number, number>();
  readonly #held: Frame[] = [];
  #unread: number[] = [];
  #unanswered: number[] = [];
  #wake: (() => void) | null = null;
  #gone = false;
  #stuck = false;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#gone) return Promise.reject(new CanopusError('link/gone', 'gone'));
    const frames = this.#reader.push(bytes).flatMap((event) => (event.type === 'frame' ? [event.frame] : []));
    for (const frame of frames) this.#unanswered.push(frame.code);
    for (const code of new Set(this.#unanswered)) {
      const count = this.#unanswered.filter((other) => other === code).length;
      this.mostInFlight.set(code, Math.max(count, this.mostInFlight.get(code) ?? 0));
    }
    for (const frame of frames) {
      if (this.#options.isDoubleBuffered === true && this.requests.length === 0 && this.#held.length === 0) {
        this.#held.push(frame);
        continue;
      }
      for (const held of this.#held.splice(0)) this.#take(held);
      this.#take(frame);
    }
    return this.#stuck ? new Promise(() => undefined) : Promise.resolve();
  }

  async read({ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.#unread.length === 0 && !this.#gone) {
      const waiting = new AbortController();
      this.#wake = () => waiting.abort();
      const onAbort = () => waiting.abort();
      signal?.addEventListener('abort', onAbort, { once: true });
      await this.#options.clock.sleep(timeoutMs, waiting.signal).catch(() => undefined);
      signal?.removeEventListener('abort', onAbort);
      signal?.throwIfAborted();
    }
    if (this.#unread.length > 0) {
      this.#unanswered = [];
      return Uint8Array.from(this.#unread.splice(0, this.#options.pieceBytes ?? this.#unread.length));
    }
    throw this.#gone
      ? new CanopusError('link/gone', 'gone')
      : new CanopusError('link/timeout', 'nothing came');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take({ code: command, payload }: Frame): void {
    if (this.#gone || this.#stuck) return;
    const nth = (this.#counts.get(command) ?? 0) + 1;
    this.#counts.set(command, nth);
    const address =
      payload.length < 4 ? 0 : new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
    const request = { command, nth, address };
    this.requests.push(request);
    const reaction = this.#options.react?.(request);
    switch (reaction) {
      case 'nothing':
        return;
      case 'stuck':
        this.#stuck = true;
        return;
      case 'gone':
        this.#gone = true;
        this.#wake?.();
        return;
      case 'nack':
      case 'commandError':
      case 'busy':
        this.#send(encodeFrame(answerCode[reaction]));
        return;
      default:
        this.#answer(request, payload, reaction);
    }
  }

  #answer({ command, address }: Request, payload: Uint8Array, reaction: Reaction | undefined): void {
    const data = this.#perform(command, address, payload, reaction === 'wrongBlock');
    if (data === null) {
      this.#send(encodeFrame(answerCode.commandError));
      return;
    }
    if (reaction === 'otherData') data[data.length - 1]! ^= 0x10;
    const echoed = reaction === 'wrongCommand' ? commandCode.getCanbusId : command;
    const frame = encodeFrame(answerCode.ack, Uint8Array.of(...word(echoed), ...data));
    if (reaction === 'garbled') frame[frame.length - 1]! ^= 0xff;
    this.#send(frame);
    if (reaction === 'twice') this.#send(frame);
  }

  /** Null for a command error. */
  #perform(command: number, address: number, payload: Uint8Array, isWrongBlock: boolean): Uint8Array | null {
    const { mcu = 'stm32f446xx', applicationAddress = 0x08008000, blockSize = 64 } = this.#options;
    const { protocolVersion = 0x00010100 } = this.#options;
    const echoed = word(isWrongBlock ? address + blockSize : address);
    switch (command) {
      case commandCode.connect:
        return Uint8Array.of(
          ...word(protocolVersion),
          ...word(applicationAddress),
          ...word(blockSize),
          ...text(mcu),
          ...(protocolVersion < 0x00010100 ? [] : [0, 0, 0, 0, ...text('v0.0.1-110-gabcdef0')]),
        );
      case commandCode.sendBlock:
        if (payload.length !== 4 + blockSize || address % blockSize !== 0) return null;
        this.flash.set(address, payload.slice(4));
        this.written.push(address);
        return echoed;
      case commandCode.requestBlock:
        return Uint8Array.of(...echoed, ...(this.flash.get(address) ?? new Uint8Array(blockSize).fill(0xff)));
      case commandCode.eof:
        return word(1);
      case commandCode.complete:
        return new Uint8Array(0);
      default:
        return null;
    }
  }

  #send(frame: Uint8Array): void {
    this.#unread.push(...frame);
    this.#wake?.();
  }
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

function text(value: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(value.length / 4) * 4);
  bytes.set(new TextEncoder().encode(value));
  return bytes;
}
