import type { StateName, DfuStatus } from '../protocols/dfuse/status.ts';
import { decodeState, decodeStatus, stateNames, statusLength } from '../protocols/dfuse/status.ts';
import {
  abortSetup,
  clrStatusSetup,
  dnloadSetup,
  getStateSetup,
  getStatusSetup,
  uploadSetup,
} from '../protocols/dfuse/request.ts';
import type { UsbLink, UsbRequest } from '../transport/usb-link.ts';

/** For a transfer without work in the ROM, including a data stage of 2 KiB at full speed. */
export const promptTimeoutMs = 5_000;

/**
 * GETSTATUS may hang as long as the work that it started: the ROM does not reply while it erases. A mass erase of 2 MiB
 * at x8 parallelism takes up to 32 s by the F4 datasheets.
 */
export const workTimeoutMs = 40_000;

/** Offsets in the reply to GETSTATUS (USB DFU 1.1, 6.1.2). */
const bStatusAt = 0;
const bStateAt = 4;

const noData = new Uint8Array(0);

/**
 * The requests of one DFU interface, one control transfer each. Keeps no state; throws as the link does, and
 * `link/protocol` for invalid replies.
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

  /** The transfers that read a block, or write `data`, as `perform` does them, for a list that is done far away. */
  requestsFor(wValue: number, length: number, data: Uint8Array | undefined): readonly UsbRequest[] {
    if (data === undefined) {
      const setup = uploadSetup(this.interfaceNumber, wValue);
      return [{ setup, data: null, length, timeoutMs: promptTimeoutMs, isWhole: true }];
    }
    const status = { setup: getStatusSetup(this.interfaceNumber), data: null, length: statusLength };
    return [
      {
        setup: dnloadSetup(this.interfaceNumber, wValue),
        ...{ data, length: 0, timeoutMs: promptTimeoutMs },
      },
      {
        ...status,
        timeoutMs: workTimeoutMs,
        expect: [
          [bStatusAt, 0],
          [bStateAt, stateNames.indexOf('dfuDNLOAD-IDLE')],
        ],
        again: {
          expect: [
            [bStatusAt, 0],
            [bStateAt, stateNames.indexOf('dfuDNBUSY')],
          ],
          ...{ waitAt: 1, waitBytes: 3, limitMs: workTimeoutMs },
        },
      },
    ];
  }

  async upload(wValue: number, length: number): Promise<Uint8Array> {
    const setup = uploadSetup(this.interfaceNumber, wValue);
    return this.link.controlIn(setup, length, { timeoutMs: promptTimeoutMs });
  }
}
