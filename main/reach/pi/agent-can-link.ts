import * as z from 'zod/mini';
import { CanopusError } from '../../../app/errors.ts';
import { reportedHealth } from '../../../app/protocols/gs-usb/error-report.ts';
import { isPortPath, type PortPath } from '../../../app/place.ts';
import type { CanFrame, CanHealth, CanLink } from '../../../app/transport/can-link.ts';
import { PendingReads, type ReadOptions } from '../../devices/pending-reads.ts';
import type { AgentClient } from './agent-client.ts';
import { agentError, namedError } from './agent-errors.ts';

const opened = z.looseObject({
  link: z.int(),
  port: z.nullable(z.custom<PortPath>((value) => typeof value === 'string' && isPortPath(value))),
});

/** struct can_frame of linux/can.h: id and flags, length, three bytes of padding, eight of data. */
const frameLength = 16;
const extendedFlag = 0x80000000;
const errorFlag = 0x20000000;
const whenOpeningCan = {
  missing: { code: 'pi/interface-missing', text: 'there is no such interface' },
  down: { code: 'can/interface-down', text: 'the interface is down' },
} as const;
/** A host frame of gs_usb has a number before what is in a socket's. */
const hostFramePrefix = 4;
/** Frames kept for an absent reader; beyond that the oldest are dropped. */
const maxQueued = 1024;
const extendedIds = 0x1fffffff;
const standardIds = 0x7ff;

/** A CAN interface of a Pi, such as can0, opened as a raw socket by the agent there. */
export class AgentCanLink implements CanLink {
  readonly label: string;
  /** The USB port of the adapter behind the interface; null if it is none of USB. */
  readonly portPath: PortPath | null;
  readonly #client: AgentClient;
  readonly #link: number;
  readonly #frames: CanFrame[] = [];
  readonly #pending: PendingReads<CanFrame>;
  #health: CanHealth | null = null;
  #failure: CanopusError | null = null;
  #closing: Promise<void> | null = null;

  private constructor(client: AgentClient, label: string, { link, port }: z.infer<typeof opened>) {
    this.portPath = port;
    this.#client = client;
    this.#link = link;
    this.label = label;
    this.#pending = new PendingReads(client.clock, (timeoutMs) => {
      const message = `${label}: no frame arrived within ${timeoutMs} ms.`;
      return new CanopusError('link/timeout', message, { label, timeoutMs });
    });
    client.follow(link, {
      onData: (bytes) => this.#take(bytes),
      onFailed: (reason) => this.#end(client.ended ?? namedError(reason, label)),
    });
  }

  /**
   * Opens an interface that is up. With `ids`, receives only frames with one of these 11-bit ids: what Klipper and its
   * nodes say to each other then stays on the Pi. Throws `pi/interface-missing`, `can/interface-down`, `shell/lost`.
   */
  static async open(
    client: AgentClient,
    interfaceName: string,
    ids: readonly number[] | null = null,
  ): Promise<AgentCanLink> {
    const label = `${interfaceName} of ${client.label}`;
    try {
      const { header } = await client.request('can.open', { interface: interfaceName, ids });
      return new AgentCanLink(client, label, opened.parse(header));
    } catch (error) {
      throw agentError(error, label, whenOpeningCan);
    }
  }

  get health(): CanHealth | null {
    return this.#health;
  }

  async send({ id, extended, data }: CanFrame, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#mustBeOpen();
    const bytes = new Uint8Array(frameLength);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, extended ? id + extendedFlag : id, true);
    bytes[4] = data.length;
    bytes.set(data, 8);
    try {
      await this.#client.request('can.send', { link: this.#link }, bytes);
    } catch (error) {
      throw this.#closing === null ? agentError(error, this.label) : namedError('closed', this.label);
    }
  }

  async receive(options: ReadOptions): Promise<CanFrame> {
    options.signal?.throwIfAborted();
    this.#mustBeOpen();
    return this.#frames.shift() ?? (await this.#pending.next(options));
  }

  close(): Promise<void> {
    if (this.#closing === null) {
      this.#end(namedError('closed', this.label));
      this.#closing = this.#client.closeLink(this.#link);
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(bytes: Uint8Array): void {
    for (let at = 0; at + frameLength <= bytes.length; at += frameLength) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, frameLength);
      const flags = view.getUint32(0, true);
      if ((flags & errorFlag) !== 0) {
        this.#see(bytes.subarray(at, at + frameLength));
        continue;
      }
      const extended = flags >= extendedFlag;
      const frame: CanFrame = {
        id: flags & (extended ? extendedIds : standardIds),
        extended,
        data: bytes.slice(at + 8, at + 8 + Math.min(8, view.getUint8(4))),
      };
      if (!this.#pending.serve(frame) && this.#frames.push(frame) > maxQueued) this.#frames.shift();
    }
  }

  #see(report: Uint8Array): void {
    const hostFrame = new Uint8Array(hostFramePrefix + frameLength);
    hostFrame.set(report, hostFramePrefix);
    this.#health = reportedHealth(hostFrame) ?? this.#health;
  }

  #end(error: CanopusError): void {
    this.#failure ??= error;
    this.#frames.length = 0;
    this.#pending.fail(this.#failure);
  }

  #mustBeOpen(): void {
    if (this.#closing !== null) throw namedError('closed', this.label);
    if (this.#failure !== null) throw this.#failure;
  }
}
