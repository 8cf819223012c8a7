import type { PortPath } from '../../../app/place.ts';
import type { ArmedFaults } from '../armed-faults.ts';
import type { FaultMode } from '../fault.ts';
import type { Timeline } from '../time/timeline.ts';
import { isStandard } from './standard-requests.ts';
import { noBytes, UsbGone, UsbStall, type SetupPacket, type UsbFunction } from './usb-function.ts';

/**
 * Time on a full-speed bus. Control: 13 packets of 64 bytes a frame at most (USB 2.0, table 5-2), and three stages;
 * bulk: 19 packets of 64 bytes a frame at most (table 5-9).
 */
const controlOverheadMs = 0.2;
const controlBytesPerMs = 832;
const bulkBytesPerMs = 1216;

/** The kind of board, or `foreign` for any other device. */
type AttachedMode = FaultMode | 'foreign';

interface AttachedDeviceOptions {
  readonly portPath: PortPath;
  readonly mode: AttachedMode;
  readonly fn: UsbFunction;
  readonly faults: ArmedFaults;
  readonly bus: Timeline;
  /** Called when a fault pulls the cable. */
  readonly unplug: () => void;
}

/**
 * One device from its enumeration until it leaves the bus: a board as a host controller sees it. A board that changes
 * mode leaves as one of these and returns as another.
 *
 * All transfers throw `UsbGone` when it leaves, `UsbStall` when the device refuses, and the signal's reason when the
 * host gives up. Control transfers run one after another; one that was given up keeps the device busy until the device
 * is done with it.
 */
export class AttachedDevice {
  readonly portPath: PortPath;
  readonly mode: AttachedMode;
  readonly fn: UsbFunction;
  readonly #options: AttachedDeviceOptions;
  readonly #gone = new Set<(error: UsbGone) => void>();
  readonly #detachListeners = new Set<() => void>();
  #attached = true;
  #endpoint0: Promise<unknown> = Promise.resolve();
  /** The last bulk transfer each way: transfers on one endpoint complete in their order. */
  readonly #lastBulk = { in: Promise.resolve(), out: Promise.resolve() };
  #owner: string | null = null;

  constructor(options: AttachedDeviceOptions) {
    this.portPath = options.portPath;
    this.mode = options.mode;
    this.fn = options.fn;
    this.#options = options;
  }

  get attached(): boolean {
    return this.#attached;
  }

  /** Who has it open, such as `usb`, `serial`, `usbip`; null if it is not open. */
  get owner(): string | null {
    return this.#owner;
  }

  /** Claims the device for one user; false if it is taken. */
  claim(owner: string): boolean {
    if (this.#owner !== null) return false;
    this.#owner = owner;
    return true;
  }

  release(): void {
    this.#owner = null;
  }

  /** Calls `listener` once when the device leaves the bus. Returns a function that removes the listener. */
  onDetach(listener: () => void): () => void {
    this.#detachListeners.add(listener);
    return () => this.#detachListeners.delete(listener);
  }

  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.fn.busReset();
    for (const reject of [...this.#gone]) reject(new UsbGone('the device left the bus'));
    for (const listener of [...this.#detachListeners]) listener();
  }

  /** A control transfer. Returns the IN data, at most wLength bytes. */
  control(setup: SetupPacket, data: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const turn = this.#endpoint0.then(async () => {
      if (signal?.aborted || !this.#attached) return noBytes;
      const answer = await this.#answer(setup, data);
      await this.#options.bus.occupy(
        controlOverheadMs + (data.length + (answer?.length ?? 0)) / controlBytesPerMs,
      );
      return answer;
    });
    this.#endpoint0 = turn.catch(() => undefined);
    return this.#unlessGone(
      turn.then((answer) => answer ?? new Promise<Uint8Array>(() => undefined)),
      signal,
    );
  }

  async bulkOut(endpoint: number, data: Uint8Array, signal?: AbortSignal): Promise<void> {
    await this.#unlessGone(this.fn.bulkOut(endpoint, data, signal), signal);
    await this.#passed('out', data.length);
  }

  async bulkIn(endpoint: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    const bytes = await this.#unlessGone(this.fn.bulkIn(endpoint, length, signal), signal);
    await this.#passed('in', bytes.length);
    return bytes;
  }

  #passed(way: 'in' | 'out', bytes: number): Promise<void> {
    const passed = this.#lastBulk[way].then(() => this.#options.bus.occupy(bytes / bulkBytesPerMs));
    this.#lastBulk[way] = passed.catch(() => undefined);
    return this.#unlessGone(passed, undefined);
  }

  /** The device's reply; null if it gets lost on the way. */
  async #answer(setup: SetupPacket, data: Uint8Array): Promise<Uint8Array | null> {
    const { faults, mode } = this.#options;
    if (isStandard(setup) || mode === 'foreign') return this.fn.control(setup, data);
    if (faults.count('stall', mode, setup.bRequest)) throw new UsbStall('fault');
    // Programs that reply over bulk endpoints count their own requests and replies.
    if (mode !== 'dfu') return this.fn.control(setup, data);
    if (faults.unplugWithin(mode, 'request', 1) !== null) {
      this.#options.unplug();
      return null;
    }
    const answer = await this.fn.control(setup, data);
    if (faults.count('lost-answer', mode, setup.bRequest)) return null;
    const corrupt = answer.length > 0 ? faults.count('corrupt-answer', mode, setup.bRequest) : null;
    return corrupt ? corrupted(answer, corrupt.offset, corrupt.xor) : answer;
  }

  #unlessGone<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#attached) {
        work.catch(() => undefined);
        reject(new UsbGone('the device left the bus'));
        return;
      }
      const end = () => {
        this.#gone.delete(fail);
        signal?.removeEventListener('abort', abort);
      };
      const fail = (error: Error) => {
        end();
        reject(error);
      };
      const abort = () => {
        fail(signal?.reason as Error);
      };
      if (signal?.aborted) {
        work.catch(() => undefined);
        abort();
        return;
      }
      this.#gone.add(fail);
      signal?.addEventListener('abort', abort, { once: true });
      work.then((value) => {
        end();
        resolve(value);
      }, fail);
    });
  }
}

/** `bytes` with the byte at `offset` changed, or the last one. */
export function corrupted(bytes: Uint8Array, offset: number | undefined, xor: number): Uint8Array {
  const changed = bytes.slice();
  const at = Math.min(offset ?? Infinity, bytes.length - 1);
  changed[at] = (changed[at] ?? 0) ^ xor;
  return changed;
}
