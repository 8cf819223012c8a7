import { occupiedBy, type PlaceId, usbPlace, type PortPath } from '../../app/place.ts';
import { randomBytes } from 'node:crypto';
import { chipNames } from '../../app/boards/chip-identity.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import type { StationInput, VirtualBoardView } from '../../app/contract/station-contract.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { BoardInput } from '../sim/bench-config.ts';
import type { VirtualBench } from '../sim/virtual-bench.ts';
import type { MixedDevices } from './mixed-devices.ts';

type Board = VirtualBench['boards'][number];
type FaultName = StationInput<'sim.fault'>['fault'];
type Fault = Parameters<Board['arm']>[0];

/** No computer has that many buses: a virtual port is never a real one. */
const virtualBus = 99;

const faults: Readonly<Record<FaultName, Fault>> = {
  'unplug-in-write': { kind: 'unplug', mode: 'dfu', phase: 'write', after: 2048 },
  // In the vector table, where the first word of every image has zeros.
  'stuck-bit': { kind: 'stuck-bit', address: 0x08000000, bit: 0, sticksAt: 1 },
  'read-protection': { kind: 'read-protection' },
  'no-return': { kind: 'no-return' },
  access: { kind: 'access', code: 'link/access' },
};

/** Virtual boards for trying without hardware, and the actions on them. */
export class VirtualBoards {
  readonly #table = new LiveTable<VirtualBoardView>();
  readonly #clock: Clock;
  readonly #devices: MixedDevices | null;
  #bench: Promise<VirtualBench> | null = null;
  #known: VirtualBench | null = null;
  #onBench: (bench: VirtualBench) => Promise<void> = () => Promise.resolve();
  /** The folder of the virtual SD card. */
  readonly #card: string;
  #count = 0;

  private constructor(clock: Clock, card: string, devices: MixedDevices | null) {
    this.#clock = clock;
    this.#card = card;
    this.#devices = devices;
  }

  /** For a station whose boards are all virtual. */
  static of(bench: VirtualBench, card: string): VirtualBoards {
    const boards = new VirtualBoards(bench.clock, card, null);
    boards.#bench = Promise.resolve(bench);
    boards.#show(bench);
    return boards;
  }

  /** Calls `listener` with the virtual bench as soon as there is one. */
  async onBench(listener: (bench: VirtualBench) => Promise<void>): Promise<void> {
    this.#onBench = listener;
    if (this.#known !== null) await listener(this.#known);
  }

  /** Beside real devices; the bench is made with the first board. */
  static beside(devices: MixedDevices, clock: Clock, card: string): VirtualBoards {
    return new VirtualBoards(clock, card, devices);
  }

  isVirtual(place: PlaceId): boolean {
    return this.#table.all().some((board) => usbPlace(board.portPath) === occupiedBy(place));
  }

  isVirtualUuid(canbusUuid: string): boolean {
    return this.#table.all().some(({ uid }) => chipNames(uid).canbusUuid === canbusUuid);
  }

  /** Whether the virtual SD card is in a board, and so not in this computer. */
  get isCardInBoard(): boolean {
    return this.#known?.boards.some(({ card }) => card !== null) ?? false;
  }

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<VirtualBoardView>, void, void> {
    return this.#table.follow(signal);
  }

  async add(mcu: NonNullable<BoardInput['mcu']>): Promise<{ id: string; portPath: PortPath }> {
    const bench = await this.#opened();
    do this.#count += 1;
    while (bench.boardAt(this.#nextPort) !== null || bench.boards.some(({ id }) => id === this.#nextId));
    const id = this.#nextId;
    // Twelve digits of ASCII, as many real UIDs end.
    const uid = randomBytes(12).toString('hex').toUpperCase();
    bench.addBoard({ id, mcu, uid, port: this.#nextPort, powered: false });
    this.#refresh(bench.board(id));
    return { id, portPath: this.#nextPort };
  }

  async remove(id: string): Promise<void> {
    (await this.#opened()).removeBoard(id);
    this.#table.delete(id);
  }

  async do(id: string, action: StationInput<'sim.do'>['action']): Promise<void> {
    const board = (await this.#opened()).board(id);
    const actions: Readonly<Record<typeof action, () => void>> = {
      'boot0-on': () => board.setBoot0(true),
      'boot0-off': () => board.setBoot0(false),
      'power-on': () => board.setPower(true),
      'power-off': () => board.setPower(false),
      reset: () => board.reset(),
      'double-tap': () => board.doubleTap(),
      'card-in': () => (board.card = this.#card),
      'card-out': () => (board.card = null),
      plug: () => board.plug(),
      unplug: () => board.unplug(),
      mend: () => board.clearFaults(),
    };
    actions[action]();
    this.#refresh(board);
  }

  async fault(id: string, name: FaultName): Promise<void> {
    const board = (await this.#opened()).board(id);
    board.arm(faults[name]);
    this.#refresh(board);
  }

  get #nextPort(): PortPath {
    return `${virtualBus}-${this.#count}`;
  }

  get #nextId(): string {
    return `virtual-${this.#count}`;
  }

  #opened(): Promise<VirtualBench> {
    this.#bench ??= this.#open();
    return this.#bench;
  }

  async #open(): Promise<VirtualBench> {
    const { VirtualBench } = await import('../sim/virtual-bench.ts');
    const bench = new VirtualBench({ boards: [] }, { clock: this.#clock });
    await this.#devices?.add(bench.devices);
    this.#show(bench);
    await this.#onBench(bench);
    return bench;
  }

  #show(bench: VirtualBench): void {
    this.#known = bench;
    for (const board of bench.boards) this.#refresh(board);
    bench.listen(({ board }) => {
      if (bench.boards.includes(board)) this.#refresh(board);
    });
  }

  #refresh(board: Board): void {
    const { id, port, mcu, uid, boot0, plugged, on, running, why, hasCardSlot, card } = board;
    const waiting = board.faults.list().map(({ kind }) => kind);
    const lasting = [
      ...(board.memory.readProtected ? ['read-protection'] : []),
      ...(board.flash.stuckBits.length > 0 ? ['stuck-bit'] : []),
    ];
    this.#table.set({
      id,
      portPath: port,
      mcu,
      uid,
      boot0,
      hasCard: hasCardSlot ? card !== null : null,
      plugged,
      on,
      running,
      why,
      faults: [...waiting, ...lasting],
    });
  }
}
