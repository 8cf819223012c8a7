import { CanopusError, isCanopusError, toCanopusError } from '../errors.ts';
import { hex32 } from '../hex.ts';
import { rpFlash } from '../mcu/rp-memory.ts';
import type { RpMcu } from '../mcu/rp-boot.ts';
import {
  encodeCommand,
  exclusiveAccess,
  exitXip,
  flashErase,
  isIn,
  nameOfCommand,
  read,
  reboot,
  reboot2,
  write,
  type PicobootRequest,
} from '../protocols/picoboot/command.ts';
import { findPicoboot, type PicobootInterface } from '../protocols/picoboot/interface.ts';
import { decodeStatus, resetSetup, statusBytes, statusSetup } from '../protocols/picoboot/status.ts';
import { chipInfo, decodeChipInfo } from '../protocols/picoboot/system-info.ts';
import type { UsbLink } from '../transport/usb-link.ts';

/** As picotool waits: for a packet, and for work (a sector takes 0.4 s at most by the datasheets of flash chips). */
const promptTimeoutMs = 3_000;
const workTimeoutMs = 10_000;
/** Clean-up does not hold a failure back for longer. */
const settleTimeoutMs = 1_000;
/** How long the ROM waits before it starts flash: long enough for its acknowledgement to arrive. */
const rebootDelayMs = 100;
const packetBytes = 64;
const nothing = new Uint8Array(0);
/** The acknowledgement of the host: any packet is one; a byte is what picotool sends on every system. */
const acknowledgement = new Uint8Array(1);

/**
 * One boot ROM, opened: its interface claimed and reset, its drive locked out, its flash ready for commands. One call
 * at a time. Throws `picoboot/refused` with the ROM's status for a command that it does not carry out, `link/protocol`
 * for fewer bytes than it should send, and what the link throws.
 */
export class PicobootSession {
  readonly mcu: RpMcu;
  readonly #link: UsbLink;
  readonly #interface: PicobootInterface;
  #token = 0;

  private constructor(link: UsbLink, mcu: RpMcu, picoboot: PicobootInterface) {
    this.#link = link;
    this.mcu = mcu;
    this.#interface = picoboot;
  }

  /** Erases and writes nothing. Throws `picoboot/no-interface` if the ROM was started with its drive alone. */
  static async open(link: UsbLink, mcu: RpMcu): Promise<PicobootSession> {
    const picoboot = findPicoboot(link.configurationDescriptor);
    if (picoboot === null) {
      throw new CanopusError('picoboot/no-interface', `${link.label} has no PICOBOOT interface.`, {
        device: link.label,
      });
    }
    await link.claimInterface(picoboot.interfaceNumber);
    const session = new PicobootSession(link, mcu, picoboot);
    await session.#reset(promptTimeoutMs);
    await session.#run(exclusiveAccess(1));
    await session.#run(exitXip);
    return session;
  }

  /** Erases the sector at `address`. An RP2040 reports no failure: read it. */
  async eraseSector(address: number): Promise<void> {
    await this.#run(flashErase(address, rpFlash.sectorBytes), address);
  }

  /** Writes to erased flash, from the start of a page on; at most a sector at a time. No failure is reported: read it. */
  async write(address: number, bytes: Uint8Array): Promise<void> {
    await this.#run(write(address, bytes.length), address, bytes);
  }

  /** Reads flash from the start of a page on. */
  async read(address: number, length: number): Promise<Uint8Array> {
    return await this.#run(read(address, length), address);
  }

  /** The chip id of an RP2350, 16 upper-case hex digits; null for an RP2040, whose ROM does not know one. */
  async chipId(): Promise<string | null> {
    return this.mcu === 'rp2350' ? decodeChipInfo(await this.#run(chipInfo())) : null;
  }

  /** Starts what is in flash. The device leaves the bus, perhaps before it acknowledges. */
  async reboot(): Promise<void> {
    try {
      await this.#run(this.mcu === 'rp2350' ? reboot2(rebootDelayMs) : reboot(rebootDelayMs));
    } catch (error) {
      if (!isCanopusError(error, 'link/gone') && !isCanopusError(error, 'link/io')) throw error;
    }
  }

  /** Gives the drive back and ends what a failed command may have left running; never throws. */
  async settle(): Promise<void> {
    await this.#reset(settleTimeoutMs).catch(() => undefined);
  }

  async #reset(timeoutMs: number): Promise<void> {
    await this.#link.controlOut(resetSetup(this.#interface.interfaceNumber), nothing, { timeoutMs });
  }

  /** Sends a command and its data, or returns the data; `address` is for messages. */
  async #run(request: PicobootRequest, address?: number, data: Uint8Array = nothing): Promise<Uint8Array> {
    const { outEndpoint, inEndpoint } = this.#interface;
    const prompt = { timeoutMs: promptTimeoutMs };
    const work = { timeoutMs: workTimeoutMs };
    this.#token = (this.#token + 1) >>> 0;
    try {
      await this.#link.bulkOut(outEndpoint, encodeCommand({ token: this.#token, ...request }), prompt);
      if (isIn(request.id)) {
        const bytes = await this.#readAll(request.transferLength);
        await this.#link.bulkOut(outEndpoint, acknowledgement, prompt);
        return bytes;
      }
      if (data.length > 0) await this.#link.bulkOut(outEndpoint, data, work);
      await this.#link.bulkIn(inEndpoint, packetBytes, work);
      return nothing;
    } catch (error) {
      throw await this.#explain(error, request, address);
    }
  }

  async #readAll(length: number): Promise<Uint8Array> {
    const bytes = await this.#link.bulkIn(this.#interface.inEndpoint, length, { timeoutMs: workTimeoutMs });
    if (bytes.length === length) return bytes;
    throw new CanopusError('link/protocol', `The boot ROM sent ${bytes.length} bytes instead of ${length}.`, {
      length,
      received: bytes.length,
    });
  }

  /** A stall says nothing, so the ROM is asked for its status. */
  async #explain(
    error: unknown,
    { id }: PicobootRequest,
    address: number | undefined,
  ): Promise<CanopusError> {
    const failure = toCanopusError(error);
    const name = nameOfCommand(id);
    const at = address === undefined ? '' : ` at ${hex32(address)}`;
    const details = { command: name, ...(address === undefined ? {} : { address: hex32(address) }) };
    if (failure.code === 'link/stall') {
      const setup = statusSetup(this.#interface.interfaceNumber);
      const reply = this.#link.controlIn(setup, statusBytes, { timeoutMs: promptTimeoutMs });
      const status = await reply.then(decodeStatus).catch(() => null);
      const said = status?.token === this.#token ? status.status : 'no status';
      const message = `The boot ROM refused ${name}${at}: ${said}.`;
      return new CanopusError('picoboot/refused', message, { ...details, status: said }, { cause: failure });
    }
    const message = `${failure.message} It happened during ${name}${at}.`;
    return new CanopusError(failure.code, message, { ...failure.details, ...details }, { cause: failure });
  }
}
