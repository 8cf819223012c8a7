import type { StateName, DfuStatus } from '../protocols/dfuse/status.ts';
import { decodeState, decodeStatus, statusLength } from '../protocols/dfuse/status.ts';
import {
  abortSetup,
  clrStatusSetup,
  dnloadSetup,
  getStateSetup,
  getStatusSetup,
  uploadSetup,
} from '../protocols/dfuse/request.ts';
import type { UsbLink } from '../transport/usb-link.ts';

/** A transfer that the ROM answers at once, data stage of 2 KiB at full speed included. */
export const promptTimeoutMs = 5_000;

/**
 * GETSTATUS may hang for as long as the work takes that it started: the ROM answers nothing while it erases. A mass
 * erase of 2 MiB at x8 parallelism takes up to 32 s by the F4 datasheets.
 */
export const workTimeoutMs = 40_000;

const noData = new Uint8Array(0);

/**
 * The requests of one DFU interface, one control transfer each. Knows no state; rejects as the link does, and with
 * `link/protocol` for answers that mean nothing.
 */
export class DfuPort {
  readonly link: UsbLink;
  readonly interfaceNumber: number;

  constructor(link: UsbLink, interfaceNumber: number) {
    this.link = link;
    this.interfaceNumber = interfaceNumber;
  }

  /** Also starts what the last DNLOAD staged. */
  async getStatus(timeoutMs: number = workTimeoutMs, signal?: AbortSignal): Promise<DfuStatus> {
    const setup = getStatusSetup(this.interfaceNumber);
    return decodeStatus(await this.link.controlIn(setup, statusLength, { timeoutMs, signal }));
  }

  /** Starts nothing. */
  async getState(timeoutMs: number = workTimeoutMs, signal?: AbortSignal): Promise<StateName> {
    const setup = getStateSetup(this.interfaceNumber);
    return decodeState(await this.link.controlIn(setup, 1, { timeoutMs, signal }));
  }

  async clearStatus(timeoutMs: number = promptTimeoutMs): Promise<void> {
    await this.link.controlOut(clrStatusSetup(this.interfaceNumber), noData, { timeoutMs });
  }

  async abort(timeoutMs: number = promptTimeoutMs): Promise<void> {
    await this.link.controlOut(abortSetup(this.interfaceNumber), noData, { timeoutMs });
  }

  /** Stages `data`; nothing happens before the next GETSTATUS. */
  async dnload(wValue: number, data: Uint8Array): Promise<void> {
    const setup = dnloadSetup(this.interfaceNumber, wValue);
    await this.link.controlOut(setup, data, { timeoutMs: promptTimeoutMs });
  }

  async upload(wValue: number, length: number): Promise<Uint8Array> {
    const setup = uploadSetup(this.interfaceNumber, wValue);
    return this.link.controlIn(setup, length, { timeoutMs: promptTimeoutMs });
  }
}
