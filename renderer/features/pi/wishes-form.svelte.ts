import type { FlowWishes } from '../../../app/flow/flow-wishes.ts';
import {
  defaultWishes,
  piWishesSchema,
  type PiWishes,
  type PlanBlocker,
  type SomePiWishes,
} from '../../../app/pi/plan-types.ts';
import { confirmedIdleOf, type ConfirmedIdle } from '../../../app/pi/printer-ref.ts';
import { isKernelInterfaceName, type BusSettings } from '../../../app/units.ts';

/** A board in the form. */
export interface WishedBoard {
  section: string;
  canbusUuid: string;
  /** The board of a flow: its canbus_uuid is only shown, the station knows it. */
  readonly isOwn?: true;
}

/** The whole number that was typed, or NaN. */
function whole(text: string): number {
  return /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
}

/** The wished set-up of a Pi, as entered in the form. */
export class WishesForm {
  boards: WishedBoard[] = $state([]);
  interfaceName = $state(defaultWishes.interfaceName);
  /** A chip's UID; empty for none. */
  pin = $state('');
  stack: string = $state(defaultWishes.stack);
  hat: string = $state(defaultWishes.hat);
  removeRivals = $state(defaultWishes.removeRivals);
  restartKlipper = $state(defaultWishes.restartKlipper);
  /** Printers that a person has checked; true for the only one. */
  confirmedIdle: ConfirmedIdle = $state.raw(false);
  /** One of the Pi's printers by name; empty for none. */
  printer = $state('');

  /** As typed; null if nothing was. */
  #bitrateBps: string | null = $state(null);
  #txQueueLength: string | null = $state(null);
  readonly #usual: () => BusSettings;

  /** `boards` are there at the start; `usual` is the bus set-up for empty fields. */
  constructor(boards: readonly WishedBoard[], usual: () => BusSettings) {
    this.boards = boards.map((board) => ({ ...board }));
    this.#usual = usual;
  }

  get bitrateBps(): string {
    return this.#bitrateBps ?? String(this.#usual().bitrateBps);
  }

  set bitrateBps(text: string) {
    this.#bitrateBps = text;
  }

  get txQueueLength(): string {
    return this.#txQueueLength ?? String(this.#usual().txQueueLength);
  }

  set txQueueLength(text: string) {
    this.#txQueueLength = text;
  }

  /** A person has checked the printers of this blocker, by name where the Pi has several. */
  confirm({ printers = [] }: PlanBlocker): void {
    this.confirmedIdle = confirmedIdleOf(this.confirmedIdle, printers);
  }

  /** Null if a field in the form is invalid. */
  get wishes(): PiWishes | null {
    // The kernel may assign names of its own pattern to other interfaces.
    if (this.pin !== '' && isKernelInterfaceName(this.interfaceName)) return null;
    const wishes = piWishesSchema.safeParse({
      stack: this.stack,
      bitrateBps: whole(this.bitrateBps),
      txQueueLength: whole(this.txQueueLength),
      interfaceName: this.interfaceName,
      boards: this.boards.map(({ section, canbusUuid }) => ({
        section: section.trim(),
        canbusUuid: canbusUuid.trim().toLowerCase(),
      })),
      hat: this.hat,
      pinToUsbSerial: this.pin === '' ? null : this.pin,
      removeRivals: this.removeRivals,
      configPath: null,
      printer: this.printer === '' ? null : this.printer,
      restartKlipper: this.restartKlipper,
      confirmedIdle: this.confirmedIdle,
    });
    return wishes.success ? wishes.data : null;
  }

  /** The same, with the board of the flow left for the station to name. */
  get flowWishes(): FlowWishes | null {
    const { wishes } = this;
    if (wishes === null) return null;
    const boards = wishes.boards.map((board, index) =>
      this.boards[index]?.isOwn === true ? { ...board, canbusUuid: null } : board,
    );
    return { ...wishes, boards };
  }

  /** Fills the form with these wishes. */
  take({ boards, hat, pinToUsbSerial, interfaceName, printer }: SomePiWishes): void {
    if (boards !== undefined) this.boards = boards.map((board) => ({ ...board }));
    if (hat !== undefined) this.hat = hat;
    if (pinToUsbSerial !== undefined) this.pin = pinToUsbSerial ?? '';
    if (interfaceName !== undefined) this.interfaceName = interfaceName;
    if (printer !== undefined) this.printer = printer ?? '';
  }

  addBoard(canbusUuid: string): void {
    const section = this.boards.some((board) => board.section === 'mcu') ? 'mcu toolhead' : 'mcu';
    this.boards.push({ section, canbusUuid });
  }

  removeBoard(index: number): void {
    this.boards.splice(index, 1);
  }
}
