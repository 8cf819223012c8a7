import type {
  PiChangeView,
  PiLook,
  PiPlanView,
  StationClient,
  StationOutput,
} from '../../../app/contract/station-contract.ts';
import type { FlowWishes } from '../../../app/flow/flow-wishes.ts';
import type { CanAction } from '../../../app/pi/can-now.ts';
import type { Rebuild } from '../../../app/pi/recorded-board.ts';
import type { PiWishes } from '../../../app/pi/plan-types.ts';
import { Asking } from '../../station/asking.svelte.ts';

/** What a window knows about one Pi. */
export class ShownPi {
  readonly asking = new Asking();
  looked: PiLook | null = $state.raw(null);
  plan: PiPlanView | null = $state.raw(null);
  /** The wishes of the last plan, kept after it was applied. */
  goal: PiPlanView['goal'] | null = $state.raw(null);
  /** The printers of the Pi by name, as last seen. */
  printers: readonly string[] = $state.raw([]);
  checks: StationOutput<'pi.doctor'> | null = $state.raw(null);
  /** What a person has to know of the interface that was brought up. */
  notes: readonly string[] = $state.raw([]);
  /** The bridge, to build it for the rate that was asked for; null if there is nothing to build. */
  rebuild: Rebuild | null = $state.raw(null);
  /** The selected change, with what undoing it would do. */
  preview: { readonly id: string; readonly files: StationOutput<'pi.change'> } | null = $state.raw(null);
  readonly #client: StationClient;
  readonly #id: string;

  constructor(client: StationClient, id: string) {
    this.#client = client;
    this.#id = id;
  }

  /** The unfinished change; null if there is none. */
  get open(): PiChangeView | null {
    return this.looked?.changes.find(({ state }) => state === 'open') ?? null;
  }

  async look(interfaceName = 'can0'): Promise<void> {
    const id = this.#id;
    const looked = await this.asking.run(() => this.#client.call('pi.look', { id, interfaceName }));
    if (looked === null) return;
    this.looked = looked;
    this.printers = looked.facts.klipper.printers.map(({ name }) => name);
  }

  /** Checks and plans; if an earlier change blocks it, says which one. */
  async makePlan(wishes: PiWishes): Promise<void> {
    const id = this.#id;
    await this.#plan(wishes.interfaceName, () => this.#client.call('pi.plan', { id, wishes }));
  }

  /** The same for the board of a flow, which has chosen this Pi. */
  async makeFlowPlan(id: string, wishes: FlowWishes): Promise<void> {
    await this.#plan(wishes.interfaceName, () => this.#client.call('flows.planPi', { id, wishes }));
  }

  async examine(wishes: PiWishes): Promise<void> {
    const id = this.#id;
    const checks = await this.asking.run(() => this.#client.call('pi.doctor', { id, wishes }));
    if (checks !== null) this.checks = checks;
  }

  /** Sets the interface now, this once, and examines again; the bit rate is for `up`, null for the one that it has. */
  async setCan(action: CanAction, wishes: PiWishes, bitrateBps: number | null = null): Promise<void> {
    const { interfaceName, bitrateBps: usualBitrateBps, txQueueLength, confirmedIdle } = wishes;
    const order = { id: this.#id, action, interfaceName, txQueueLength, confirmedIdle };
    this.notes = [];
    this.rebuild = null;
    const done = await this.asking.run(() =>
      this.#client.call('pi.can', { ...order, bitrateBps, usualBitrateBps }),
    );
    if (done === null) return;
    await this.examine(wishes);
    this.notes = done.notes;
    this.rebuild = done.rebuild;
  }

  async previewUndo(changeId: string): Promise<void> {
    const id = this.#id;
    const files = await this.asking.run(() => this.#client.call('pi.change', { id, changeId }));
    if (files !== null) this.preview = { id: changeId, files };
  }

  async #plan(interfaceName: string, ask: () => Promise<PiPlanView>): Promise<void> {
    const plan = await this.asking.run(ask);
    this.plan = plan;
    this.goal = plan?.goal ?? this.goal;
    this.printers = plan?.printers ?? this.printers;
    if (plan?.blockers.some(({ code }) => code === 'pi/unfinished')) await this.look(interfaceName);
  }

  /** A plan that was applied, or is out of date, is not shown. */
  forget(): void {
    this.plan = null;
    this.preview = null;
  }
}
