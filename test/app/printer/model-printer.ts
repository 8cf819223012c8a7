import { CanopusError } from '../../../app/errors.ts';
import type { ProofEvent } from '../../../app/pi/proof.ts';
import {
  newestJournal,
  parseUpdateJournal,
  type UpdateJournal,
} from '../../../app/printer/update-journal.ts';
import type { UpdateWrite } from '../../../app/printer/update-order.ts';
import type { UpdateWork } from '../../../app/printer/update-run.ts';

/** `half`: its flash is partly written, so that only its Katapult runs. */
type Held = 'former' | 'new' | 'half';

interface Chip {
  readonly role: UpdateWrite['step']['role'];
  holds: Held;
}

/** What is lost at a cut. */
export const cuts = ['power', 'network', 'station', 'pi', 'chip'] as const;

interface Cut {
  readonly kind: (typeof cuts)[number];
  /** After so many operations. */
  readonly after: number;
  /** The copy of the journal on that side is lost with it. */
  readonly losesCopy: boolean;
}

/** A printer in memory, with a Pi and a station that each keep a copy of the journal; anything can be cut at any time. */
export class ModelPrinter {
  readonly chips = new Map<string, Chip>();
  /** Operations since the start. */
  operations = 0;
  isHeld = false;
  #station: string | null = null;
  #pi: string | null = null;
  #cut: Cut | null = null;
  #isDead = false;

  constructor(journal: UpdateJournal) {
    for (const { name, role } of journal.steps) this.chips.set(name, { role, holds: 'former' });
  }

  /** Everything works until the cut. */
  arm(cut: Cut | null): void {
    this.#isDead = false;
    this.#cut = cut === null ? null : { ...cut, after: this.operations + cut.after };
  }

  /** What a resume starts from, on a station that has only the copy of the Pi, or one that has its own. */
  get journal(): UpdateJournal | null {
    return newestJournal(
      [this.#station, this.#pi].map((text) => (text === null ? null : parseUpdateJournal(text))),
    );
  }

  get work(): UpdateWork {
    return {
      keep: async (journal) => {
        const text = JSON.stringify(journal);
        await this.#operate(() => (this.#station = text));
        await this.#operate(() => (this.#pi = text));
      },
      hold: async () => {
        await this.#operate(() => (this.isHeld = true));
        // The agent on the Pi starts it if the connection or the station is lost.
        return { [Symbol.asyncDispose]: () => Promise.resolve(void (this.isHeld = false)) };
      },
      write: (write) => this.#write(write),
      prove: (journal) => this.#prove(journal),
    };
  }

  async #write({ step, image }: UpdateWrite): Promise<void> {
    const chip = this.#chip(step.name);
    const others = [...this.chips.values()].filter(({ role }) => role !== 'bridge');
    await this.#operate(() => {
      if (!this.isHeld) throw new Error('Klipper runs while a chip is written');
      if (chip.role === 'node' && this.#isBusDown())
        throw new CanopusError('can/node-silent', `${step.name} is behind a bridge that does not run`);
      if (chip.role === 'bridge' && chip.holds !== 'half' && others.some(({ holds }) => holds === 'half'))
        throw new Error('a bridge that works is written while another chip is half written');
      chip.holds = 'half';
    });
    const isFormer = image !== null && image.key === step.former?.key;
    await this.#operate(() => (chip.holds = isFormer ? 'former' : 'new'));
  }

  async *#prove(journal: UpdateJournal): AsyncGenerator<ProofEvent, void, void> {
    await this.#operate(() => undefined);
    if (this.isHeld) throw new Error('nothing is proven while Klipper is stopped');
    for (const { name, progress } of journal.steps) {
      const { holds } = this.#chip(name);
      const isRight = progress === 'written' ? holds === 'new' : holds === 'former';
      if (!isRight) throw new Error(`${name} is ${holds} and ${progress}`);
    }
    yield { type: 'pi-proof', proof: 'nodes', outcome: 'proven', seen: 'all' };
  }

  #isBusDown(): boolean {
    return [...this.chips.values()].some(({ role, holds }) => role === 'bridge' && holds === 'half');
  }

  #chip(name: string): Chip {
    const chip = this.chips.get(name);
    if (chip === undefined) throw new Error(`no chip ${name}`);
    return chip;
  }

  async #operate(effect: () => unknown): Promise<void> {
    await Promise.resolve();
    if (this.#isDead) throw new CanopusError('shell/lost', 'the connection is lost');
    this.operations += 1;
    const cut = this.#cut;
    if (cut !== null && this.operations > cut.after) {
      this.#isDead = true;
      if (cut.losesCopy && cut.kind === 'station' && this.#pi !== null) this.#station = null;
      if (cut.losesCopy && cut.kind === 'pi' && this.#station !== null) this.#pi = null;
      throw new CanopusError('shell/lost', `the ${cut.kind} is cut`);
    }
    effect();
  }
}
