import {
  defaultWishes,
  piWishesSchema,
  type PiWishes,
  type SomePiWishes,
} from '../../../app/pi/plan-types.ts';
import { isKernelInterfaceName, type BusSettings } from '../../../app/units.ts';

/** A board in the form. */
export interface WishedBoard {
  section: string;
  canbusUuid: string;
}

/** The whole number that was typed, or NaN. */
function whole(text: string): number {
  return /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
}

/** What a person wishes of a Pi, as it stands in the form. */
export class WishesForm {
  boards: WishedBoard[] = $state([]);
  interfaceName = $state(defaultWishes.interfaceName);
  /** A chip's UID; empty for none. */
  pin = $state('');
  stack: string = $state(defaultWishes.stack);
  hat: string = $state(defaultWishes.hat);
  removeRivals = $state(defaultWishes.removeRivals);
  restartKlipper = $state(defaultWishes.restartKlipper);
  confirmedIdle = $state(false);

  /** As typed; null where nothing was. */
  #bitrateBps: string | null = $state(null);
  #txQueueLength: string | null = $state(null);
  readonly #usual: () => BusSettings;

  /** `boards` are wished for at the start; `usual` is what the bus is set to where nothing else is typed. */
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

  /** Null where something in the form is not valid. */
  get wishes(): PiWishes | null {
    // The kernel may give a name of its own kind to something else.
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
      restartKlipper: this.restartKlipper,
      confirmedIdle: this.confirmedIdle,
    });
    return wishes.success ? wishes.data : null;
  }

  /** Puts these wishes in the place of what stands in the form. */
  take({ boards, hat, pinToUsbSerial, interfaceName }: SomePiWishes): void {
    if (boards !== undefined) this.boards = boards.map((board) => ({ ...board }));
    if (hat !== undefined) this.hat = hat;
    if (pinToUsbSerial !== undefined) this.pin = pinToUsbSerial ?? '';
    if (interfaceName !== undefined) this.interfaceName = interfaceName;
  }

  addBoard(canbusUuid: string): void {
    const section = this.boards.some((board) => board.section === 'mcu') ? 'mcu toolhead' : 'mcu';
    this.boards.push({ section, canbusUuid });
  }

  removeBoard(index: number): void {
    this.boards.splice(index, 1);
  }
}
