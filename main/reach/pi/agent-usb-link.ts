import * as z from 'zod/mini';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import { hex16 } from '../../../app/hex.ts';
import type {
  ControlSetup,
  TransferOptions,
  UsbLink,
  UsbReply,
  UsbRequest,
} from '../../../app/transport/usb-link.ts';
import { AgentRefusal, type AgentClient } from './agent-client.ts';
import { agentError, namedError, whenOpening } from './agent-errors.ts';
import { requireAllTaken } from '../../devices/whole-transfer.ts';

const opened = z.looseObject({ link: z.int() });
const transferred = z.looseObject({ actual: z.int() });
const replies = z.looseObject({
  answers: z.array(z.tuple([z.int(), z.int(), z.int(), z.nullable(z.string())])),
});

const deviceDescriptorLength = 18;
const directionIn = 0x80;

/** A USB device that is plugged into a Pi, opened by the agent there. */
export class AgentUsbLink implements UsbLink {
  readonly label: string;
  readonly portPath: string;
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  readonly #client: AgentClient;
  readonly #link: number;
  #closing: Promise<void> | null = null;
  #isGone = false;

  private constructor(client: AgentClient, portPath: string, link: number, descriptors: Uint8Array) {
    this.#client = client;
    this.#link = link;
    this.portPath = portPath;
    this.deviceDescriptor = descriptors.slice(0, deviceDescriptorLength);
    this.configurationDescriptor = descriptors.slice(deviceDescriptorLength);
    const view = new DataView(this.deviceDescriptor.buffer);
    const ids = `${hex16(view.getUint16(8, true))}:${hex16(view.getUint16(10, true))}`;
    this.label = `${ids} at ${portPath} of ${client.label}`;
    client.follow(link, { onData: () => undefined, onFailed: () => undefined });
  }

  /** Throws `device/not-found`, `link/access`, `link/busy`, `shell/lost`. */
  static async open(client: AgentClient, portPath: string): Promise<AgentUsbLink> {
    const label = `port ${portPath} of ${client.label}`;
    try {
      const { header, data } = await client.request('usb.open', { port: portPath });
      if (data.length < deviceDescriptorLength) {
        throw new CanopusError('link/protocol', `${label}: the device has no descriptor.`);
      }
      return new AgentUsbLink(client, portPath, opened.parse(header).link, data);
    } catch (error) {
      if (error instanceof AgentRefusal && error.reason === 'missing') {
        throw new CanopusError('device/not-found', `Nothing is plugged into ${label}.`, { portPath });
      }
      throw agentError(error, label, whenOpening);
    }
  }

  async controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    const { bytes } = await this.#transfer(0, setup, new Uint8Array(0), length, options);
    return bytes;
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    const { actual } = await this.#transfer(0, setup, data, 0, options);
    requireAllTaken(this.label, actual, data.length);
  }

  async bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    const { bytes } = await this.#transfer(endpoint, null, new Uint8Array(0), length, options);
    return bytes;
  }

  async bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    const { actual } = await this.#transfer(endpoint, null, data, 0, options);
    requireAllTaken(this.label, actual, data.length);
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    await this.#ask('usb.claim', { interface: interfaceNumber });
  }

  async setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    await this.#ask('usb.set-alt', { interface: interfaceNumber, setting: alternateSetting });
  }

  async exchange(list: readonly UsbRequest[]): Promise<readonly UsbReply[]> {
    this.#mustBeOpen();
    const data = joined(list.map((request) => request.data ?? new Uint8Array(0)));
    const requests = list.map(({ setup, data: sent, length, timeoutMs, expect, isWhole, again }) => ({
      endpoint: 0,
      setup: setupOf(setup),
      send: sent?.length ?? 0,
      length,
      timeoutMs: Math.max(1, Math.ceil(timeoutMs)),
      ...(expect === undefined ? {} : { expect }),
      ...(isWhole === true ? { full: true } : {}),
      ...(again === undefined ? {} : { again }),
    }));
    try {
      const reply = await this.#client.request('usb.requests', { link: this.#link, requests }, data);
      let at = 0;
      return replies.parse(reply.header).answers.map(([, , length, reason]): UsbReply => {
        const bytes = reply.data.slice(at, (at += length));
        return reason === null ? { bytes, error: null } : { bytes: null, error: this.#named(reason) };
      });
    } catch (error) {
      throw this.#translated(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#client.closeLink(this.#link);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** `setup` is null for a bulk transfer. */
  async #transfer(
    endpoint: number,
    setup: ControlSetup | null,
    data: Uint8Array,
    length: number,
    { timeoutMs, signal }: TransferOptions,
  ): Promise<{ readonly actual: number; readonly bytes: Uint8Array }> {
    this.#mustBeOpen();
    signal?.throwIfAborted();
    const isIn = ((setup?.bmRequestType ?? endpoint) & directionIn) !== 0;
    const fields = {
      ...{ link: this.#link, endpoint, length },
      setup: setup === null ? null : setupOf(setup),
      timeoutMs: Math.max(1, Math.ceil(timeoutMs)),
    };
    const { id, reply } = this.#client.start('usb.transfer', fields, data);
    const cancel = (): void => {
      this.#client.request('usb.cancel', { transfer: id }).catch(() => undefined);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const { header, data: bytes } = await reply;
      return { actual: transferred.parse(header).actual, bytes };
    } catch (error) {
      if (error instanceof AgentRefusal && ['timeout', 'cancelled'].includes(error.reason)) {
        // Data that arrived before is not lost: the device will not send it again.
        if (isIn && setup === null && error.data.length > 0)
          return { actual: error.data.length, bytes: error.data };
        signal?.throwIfAborted();
      }
      throw this.#translated(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #ask(verb: string, fields: Readonly<Record<string, number>>): Promise<void> {
    this.#mustBeOpen();
    try {
      await this.#client.request(verb, { ...fields, link: this.#link });
    } catch (error) {
      throw this.#translated(error);
    }
  }

  #translated(error: unknown): CanopusError {
    const translated =
      error instanceof AgentRefusal ? this.#named(error.reason) : agentError(error, this.label);
    return this.#closing !== null && !isCanopusError(translated, 'shell/lost')
      ? namedError('closed', this.label)
      : translated;
  }

  #named(reason: string): CanopusError {
    const error = namedError(reason, this.label);
    if (error.code === 'link/gone') this.#isGone = true;
    return error;
  }

  #mustBeOpen(): void {
    if (this.#closing !== null) throw namedError('closed', this.label);
    if (this.#isGone) throw namedError('gone', this.label);
  }
}

function setupOf({ bmRequestType, bRequest, wValue, wIndex }: ControlSetup): readonly number[] {
  return [bmRequestType, bRequest, wValue, wIndex];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
