import type { PortPath } from '../../../app/place.ts';
import { usbPlace } from '../../../app/place.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyTracker, boardAt, listBoards, track, type TrackerState } from '../../../app/boards/tracker.ts';
import type { UsbDevice, UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { cases } from '../../counts.ts';

/**
 * A bench with chips that are really there, moved about at random, and what the bus reports of it. The tracker sees
 * the reports only; the tests know which chip is on which port.
 */
const ports: readonly PortPath[] = ['1-1', '1-2', '1-4.1', '2-1'];
const modes = ['dfu', 'katapult', 'klipper-serial', 'can-bridge'] as const;
type Mode = (typeof modes)[number];

interface Chip {
  readonly uid: string;
  /** F446 parts all report the same in DFU. */
  readonly dfuSerial: string;
  mode: Mode;
  port: PortPath | null;
}

type Step =
  | {
      readonly kind: 'move';
      readonly chip: number;
      readonly port: number;
      readonly mode: Mode;
      readonly late: boolean;
    }
  | { readonly kind: 'unplug'; readonly chip: number }
  | { readonly kind: 'restart'; readonly chip: number; readonly mode: Mode; readonly late: boolean }
  | { readonly kind: 'swap'; readonly chip: number; readonly other: number; readonly mode: Mode }
  | { readonly kind: 'mouse'; readonly port: number };

const chipIndex = fc.nat({ max: 4 });
const mode = fc.constantFrom(...modes);
const restart = fc.record({
  kind: fc.constant('restart' as const),
  chip: chipIndex,
  mode,
  late: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('move' as const),
    chip: chipIndex,
    port: fc.nat({ max: ports.length - 1 }),
    mode,
    late: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('unplug' as const), chip: chipIndex }),
  restart,
  fc.record({ kind: fc.constant('swap' as const), chip: chipIndex, other: chipIndex, mode }),
  fc.record({ kind: fc.constant('mouse' as const), port: fc.nat({ max: ports.length - 1 }) }),
);

const ids: Record<Mode, [number, number, string]> = {
  dfu: [0x0483, 0xdf11, 'STMicroelectronics'],
  katapult: [0x1d50, 0x6177, 'katapult'],
  'klipper-serial': [0x1d50, 0x614e, 'Klipper'],
  'can-bridge': [0x1d50, 0x606f, 'Klipper'],
};

function report(chip: Chip, portPath: PortPath): UsbDevice {
  const [vendorId, productId, manufacturer] = ids[chip.mode];
  const isDfu = chip.mode === 'dfu';
  return {
    portPath,
    vendorId,
    productId,
    bcdDevice: 0x200,
    manufacturer,
    product: isDfu ? 'STM32  BOOTLOADER' : 'stm32f446xx',
    serialNumber: isDfu ? chip.dfuSerial : chip.uid,
    interfaces: null,
    tty: null,
    access: { ok: true },
    driver: null,
  };
}

class Bench {
  readonly chips: Chip[];
  tracker: TrackerState = emptyTracker;
  /** Which chips each of the tracker's ids has stood for. */
  readonly chipsById = new Map<string, Set<Chip>>();
  readonly #onSeen: (bench: Bench, chip: Chip, port: PortPath) => void;

  constructor(chips: Chip[], onSeen: (bench: Bench, chip: Chip, port: PortPath) => void) {
    this.chips = chips;
    this.#onSeen = onSeen;
  }

  do(next: Step): void {
    if (next.kind === 'mouse') {
      const portPath = ports[next.port]!;
      this.#clear(portPath);
      const mouse = {
        ...report({ uid: '', dfuSerial: '', mode: 'dfu', port: null }, portPath),
        vendorId: 0x046d,
        productId: 0xc077,
      };
      this.#send({ type: 'attach', device: mouse });
      this.#send({ type: 'detach', portPath });
      return;
    }
    const chip = this.chips[next.chip % this.chips.length]!;
    switch (next.kind) {
      case 'unplug': {
        this.#unplug(chip);
        return;
      }
      case 'move': {
        this.#plug(chip, ports[next.port]!, next.mode, next.late);
        return;
      }
      case 'restart':
        if (chip.port !== null) this.#plug(chip, chip.port, next.mode, next.late);
        return;
      case 'swap': {
        const port = chip.port;
        if (port === null) return;
        this.#unplug(chip);
        this.#plug(this.chips[next.other % this.chips.length]!, port, next.mode, false);
        return;
      }
    }
  }

  #plug(chip: Chip, port: PortPath, nextMode: Mode, late: boolean): void {
    this.#unplug(chip);
    this.#clear(port);
    chip.port = port;
    chip.mode = nextMode;
    const device = report(chip, port);
    if (late) {
      this.#send({ type: 'attach', device: { ...device, serialNumber: null, product: null } });
      this.#see(chip, port);
    }
    this.#send({ type: late ? 'change' : 'attach', device });
    this.#see(chip, port);
  }

  #clear(port: PortPath): void {
    const there = this.chips.find((chip) => chip.port === port);
    if (there) this.#unplug(there);
  }

  #unplug(chip: Chip): void {
    if (chip.port === null) return;
    this.#send({ type: 'detach', portPath: chip.port });
    chip.port = null;
  }

  #send(event: UsbDeviceEvent): void {
    this.tracker = track(this.tracker, event);
  }

  #see(chip: Chip, port: PortPath): void {
    const { id } = boardAt(this.tracker, usbPlace(port))!;
    this.chipsById.set(id, (this.chipsById.get(id) ?? new Set()).add(chip));
    this.#onSeen(this, chip, port);
  }
}

const uids = [
  '430014000A50534E4E313120',
  '39001B000C51313339373836',
  '37001A001851303439363932',
  '2A0031000B50534E4E313120',
];

/** Four honest chips, three of them with the same serial number in DFU. */
function honestChips(): Chip[] {
  const serials = ['STM32FxSTM32', 'STM32FxSTM32', 'STM32FxSTM32', '206231794E53'];
  return uids.map((uid, index) => ({ uid, dfuSerial: serials[index]!, mode: 'dfu', port: null }));
}

function run(
  chips: Chip[],
  steps: readonly Step[],
  onSeen: (bench: Bench, chip: Chip, port: PortPath) => void = () => undefined,
): Bench {
  const bench = new Bench(chips, onSeen);
  for (const next of steps) bench.do(next);
  return bench;
}

const steps = fc.array(step, { maxLength: 60 });

describe('the tracker, whatever happens on the bench', () => {
  it('never lets one id stand for two boards', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const bench = run(honestChips(), all);
        for (const chips of bench.chipsById.values()) expect(chips.size).toBe(1);
      }),
      { numRuns: cases(2000) },
    );
  });

  it('knows a board by the same id whenever its chip speaks, on any port and in any mode', () => {
    fc.assert(
      fc.property(steps, (all) => {
        run(honestChips(), all, (bench, chip, port) => {
          const board = boardAt(bench.tracker, usbPlace(port))!;
          const isSpeaking = chip.mode !== 'dfu' && board.serial !== null;
          expect(board.id === `uid:${chip.uid}`).toBe(isSpeaking);
          expect(board.uid).toBe(isSpeaking ? chip.uid : null);
          expect(board.conflict).toBe(false);
        });
      }),
      { numRuns: cases(1000) },
    );
  });

  it('knows exactly what is plugged in', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { tracker, chips } = run(honestChips(), all);
        const there = chips.flatMap(({ port }) => (port === null ? [] : usbPlace(port))).sort();
        const seen = listBoards(tracker)
          .flatMap((board) => board.place ?? [])
          .sort();
        expect(seen).toEqual(there);
      }),
      { numRuns: cases(1000) },
    );
  });

  it('presumes right as long as no boards are swapped', () => {
    const sameBoard = fc.array(
      fc.oneof(restart, fc.record({ kind: fc.constant('unplug' as const), chip: chipIndex })),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(sameBoard, (all) => {
        const chips = honestChips();
        const home = chips.map(
          (_, index) => ({ kind: 'move', chip: index, port: index, mode: 'dfu', late: false }) as const,
        );
        // Whoever comes back after an unplug comes back to its own port.
        const stays = all.flatMap((next): Step[] =>
          next.kind === 'restart'
            ? [{ kind: 'move', chip: next.chip, port: next.chip % 4, mode: next.mode, late: next.late }]
            : [next],
        );
        run(chips, [...home, ...stays], (bench, chip, port) => {
          const { presumed } = boardAt(bench.tracker, usbPlace(port))!;
          if (presumed?.uid) expect(presumed.uid).toBe(chip.uid);
        });
      }),
      { numRuns: cases(1000) },
    );
  });

  it('never presumes a board to be one that is plugged in elsewhere', () => {
    fc.assert(
      fc.property(steps, (all) => {
        run(honestChips(), all, (bench) => {
          const present = listBoards(bench.tracker).filter((board) => board.place !== null);
          for (const board of present.filter(({ uid }) => uid === null)) {
            const elsewhere = present.filter(({ id }) => id !== board.id).map(({ uid }) => uid);
            if (board.presumed?.uid) expect(elsewhere).not.toContain(board.presumed.uid);
          }
        });
      }),
      { numRuns: cases(1000) },
    );
  });

  it('never takes clones for each other once it has seen two at once', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const clones: Chip[] = [0, 1, 2].map((index) => ({
          uid: uids[index === 2 ? 1 : 0]!,
          dfuSerial: 'STM32FxSTM32',
          mode: 'katapult',
          port: null,
        }));
        const bench = new Bench(clones, () => undefined);
        bench.do({ kind: 'move', chip: 0, port: 0, mode: 'katapult', late: false });
        bench.do({ kind: 'move', chip: 1, port: 1, mode: 'katapult', late: false });
        for (const next of all) bench.do(next);
        for (const chips of bench.chipsById.values()) expect(chips.size).toBe(1);
        for (const board of listBoards(bench.tracker)) expect(board.conflict).toBe(board.uid === uids[0]);
      }),
      { numRuns: cases(1000) },
    );
  });
});
