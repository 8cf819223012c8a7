import type { FlowBoard, FlowImages } from '../../../app/flow/flow-state.ts';
import type { PiView, StationInput, StationOutput } from '../../../app/contract/station-contract.ts';
import { fromWireError } from '../../../app/contract/frames.ts';
import { toCanopusError, type CanopusError } from '../../../app/errors.ts';
import type { StationState } from '../../station/station.svelte.ts';
import { targetOf } from '../pi/target.ts';

type Toolchain = StationOutput<'builds.toolchain'>;

/** Where the firmware of a board comes from without a person deciding anything. */
export type FirmwareWay =
  | { readonly kind: 'samples' }
  /** Built on the Pi, or here from what the Pi runs. */
  | { readonly kind: 'there' | 'here'; readonly pi: PiView }
  /** Nothing can build: what each lacks. */
  | { readonly kind: 'nowhere'; readonly pi: PiView; readonly there: Toolchain; readonly here: Toolchain };

/** The firmware that fits the printer of a flow: its Pi decides the version, and builds it if it can. */
export class OwnFirmware {
  /** Null until the Pi was looked at. */
  way: FirmwareWay | null = $state.raw(null);
  /** The Klipper that the Pi runs, if it reported it. */
  klipperVersion: string | null = $state(null);
  jobId: string | null = $state(null);
  error: CanopusError | null = $state.raw(null);
  readonly #station: StationState;
  readonly #board: FlowBoard;
  readonly #piId: string;
  #isFirst = true;

  constructor(station: StationState, board: FlowBoard, piId: string) {
    this.#station = station;
    this.#board = board;
    this.#piId = piId;
  }

  get pi(): PiView | null {
    return this.#station.pis.get(this.#piId);
  }

  /** Returns the images; null if there are none, and `error` or `way` says why. `printing`: build although it prints. */
  async make(printing = false): Promise<FlowImages | null> {
    this.error = null;
    this.jobId = null;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    try {
      const { pi } = this;
      if (pi === null) return null;
      // The login that began with the choice of the printer has failed: what was asked is not asked once more.
      if (isFirst && pi.status === 'refused' && pi.error !== null) throw fromWireError(pi.error);
      const { presetId, variantId } = this.#board;
      const choice = { presetId, variantId };
      const { client } = this.#station;
      this.way ??= await this.#wayFor(pi);
      if (this.way.kind === 'nowhere') return null;
      if (this.way.kind === 'samples') return await client.call('images.sample', choice);
      const { jobId } = await client.call('builds.start', this.#order(choice, this.way, printing));
      this.jobId = jobId;
      return await this.#built(jobId);
    } catch (error) {
      this.error = toCanopusError(error);
      return null;
    }
  }

  /** Looks again, after something was installed or repaired. */
  again(): void {
    this.way = null;
  }

  async #wayFor(pi: PiView): Promise<FirmwareWay> {
    if (pi.isVirtual) return { kind: 'samples' };
    const { client } = this.#station;
    // Logs in first, so that its questions come once.
    const { facts } = await client.call('pi.look', { id: pi.id, interfaceName: 'can0' });
    this.klipperVersion = facts.klipper.tree?.version ?? null;
    const there = await client.call('builds.toolchain', { on: placeOf(pi) });
    if (there.missing.length === 0) return { kind: 'there', pi };
    const here = await client.call('builds.toolchain', { on: null });
    return here.missing.length === 0 ? { kind: 'here', pi } : { kind: 'nowhere', pi, there, here };
  }

  #order(
    board: StationInput<'builds.start'>['board'],
    way: Extract<FirmwareWay, { kind: 'there' | 'here' }>,
    whilePrinting: boolean,
  ): StationInput<'builds.start'> {
    const isThere = way.kind === 'there';
    const here = this.#station.info?.platform === 'win32' ? 'wsl' : 'local';
    return {
      board,
      // Null: what the place itself has, otherwise the newest official one.
      katapult: null,
      klipper: isThere ? null : placeOf(way.pi),
      on: isThere ? placeOf(way.pi) : here,
      ...{ bitrateBps: null, role: null, canPins: null, crystalHz: null, applicationOffset: null },
      ...{ extra: { katapult: {}, klipper: {} }, confirmed: false, whilePrinting },
    };
  }

  async #built(jobId: string): Promise<FlowImages | null> {
    for await (const { event } of this.#station.client.stream('jobs.watch', { jobId })) {
      if (event.type === 'ended') break;
    }
    const { report, error } = await this.#station.client.call('jobs.get', { jobId });
    if (error !== null) throw fromWireError(error);
    if (report?.kind !== 'build') return null;
    const { bootloader, application } = report.images;
    return bootloader === null || application === null ? null : { bootloader, application };
  }
}

function placeOf(pi: PiView): string {
  return `pi:${targetOf(pi)}`;
}
