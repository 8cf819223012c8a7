import { recipeForBoard, type BoardRecipe } from '../../../app/build/board-recipe.ts';
import { boardRoles, usualRole, type BoardRole } from '../../../app/boards/board-role.ts';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import { pinName } from '../../../app/mcu/pin-name.ts';
import type { PresetView, StationInput, StationOutput } from '../../../app/contract/station-contract.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { BuildWish } from '../../navigation/build-link.ts';
import { Asking } from '../../station/asking.svelte.ts';
import type { StationState } from '../../station/station.svelte.ts';
import { texts } from '../../texts/en.ts';
import { keepSources, readKeptSources, type Sources } from './kept-sources.ts';

type BuildOrder = StationInput<'builds.start'>;

/** A checked recipe with its contradictions, or why it is not a recipe. */
type RecipeOutcome =
  | { readonly board: BoardRecipe; readonly problem: null }
  | { readonly board: null; readonly problem: string | null };

/** What to build: a board and what a person changes. Empty text: as in the preset. */
export class RecipeForm {
  /** `PRESET:VARIANT`. */
  board = $state('');
  readonly sources: Sources = $state(readKeptSources());
  /** What the board becomes; null: what it usually is. */
  #chosenRole: BoardRole | null = $state(null);
  crystalMhz = $state('');
  offsetKib = $state('');
  canPins = $state('');
  bitrateBps = $state('');
  /** Kconfig symbols, one per line: `klipper:INITIAL_PINS="PA1"`. */
  extra = $state('');
  /** Where to build, if chosen. */
  #chosenPlace: string | null = $state(null);
  /** The confirmed contradictions to the preset, word for word. */
  confirmed: string | null = $state(null);
  toolchain: StationOutput<'builds.toolchain'> | null = $state.raw(null);
  readonly asking = new Asking();
  readonly #station: StationState;

  constructor(station: StationState, { board = '', bitrateBps }: Partial<BuildWish> = {}) {
    this.#station = station;
    this.board = board;
    if (bitrateBps !== undefined) this.bitrateBps = String(bitrateBps);
  }

  /** `local`, `wsl` or a Pi: by default the station's computer, if it can build itself. */
  get place(): string {
    return this.#chosenPlace ?? this.ownPlace;
  }

  set place(place: string) {
    this.#chosenPlace = place;
  }

  /** Windows itself has no tools to build the firmware. */
  get ownPlace(): 'local' | 'wsl' {
    return this.#station.info?.platform === 'win32' ? 'wsl' : 'local';
  }

  /** The Pis that the station knows: the name that builds use, and the name for a person. */
  get pis(): readonly { readonly place: string; readonly name: string }[] {
    return this.#station.pis.all
      .filter(({ isVirtual }) => !isVirtual)
      .map(({ name, user, host, port }) => {
        const address = `${user === null ? '' : `${user}@`}${host}${port === null ? '' : `:${port}`}`;
        return { place: `pi:${address}`, name };
      });
  }

  /** The default bit rate. */
  get usualBitrateBps(): number {
    return this.#station.settings.defaultBitrateBps;
  }

  get preset(): PresetView | null {
    return this.#station.presets.find(({ id }) => id === this.board.split(':')[0]) ?? null;
  }

  get variant(): PresetView['variants'][number] | null {
    return this.preset?.variants.find(({ id }) => id === this.board.split(':')[1]) ?? null;
  }

  /** What the chosen board can be on the bus. */
  get roles(): readonly BoardRole[] {
    return boardRoles.filter((role) => this.preset?.roles.value.includes(role) ?? false);
  }

  get role(): BoardRole | null {
    const { preset } = this;
    if (preset === null) return null;
    const chosen = this.#chosenRole;
    return chosen !== null && preset.roles.value.includes(chosen) ? chosen : usualRole(preset);
  }

  set role(role: BoardRole | null) {
    this.#chosenRole = role;
  }

  /** The pin pairs that the transceiver of the board may use. */
  get pairs(): readonly string[] {
    const { preset } = this;
    const pairs = [preset?.canPins.value ?? null, ...(preset?.canPinChoices?.value ?? [])];
    const names = pairs.flatMap((pair) => (pair === null ? [] : pair.join('/')));
    return names.filter((name, index) => names.indexOf(name) === index);
  }

  get outcome(): RecipeOutcome {
    const { preset, variant } = this;
    if (preset === null || variant === null) return { board: null, problem: null };
    try {
      return { board: recipeForBoard({ preset, variants: [variant] }, this.#wishes()), problem: null };
    } catch (error) {
      if (!isCanopusError(error)) throw error;
      return { board: null, problem: error.message };
    }
  }

  /** The contradictions as one text; null if there are none. */
  get doubts(): string | null {
    const texts = this.outcome.board?.doubts.map(({ text }) => text) ?? [];
    return texts.length === 0 ? null : texts.join('\n');
  }

  get canStart(): boolean {
    const { board } = this.outcome;
    const { katapult, klipper } = this.sources;
    const isConfirmed = this.doubts === null || this.confirmed === this.doubts;
    return board !== null && isConfirmed && katapult.trim() !== '' && klipper.trim() !== '';
  }

  async lookAtToolchain(): Promise<void> {
    this.toolchain = await this.asking.run(() => this.#station.client.call('builds.toolchain', { on: null }));
  }

  /** Starts the build and returns its job; null if it was refused, with the reason kept for display. */
  async start(whilePrinting = false): Promise<string | null> {
    const { preset, variant } = this;
    if (preset === null || variant === null) return null;
    const { katapult, klipper } = this.sources;
    const order: BuildOrder = {
      ...this.#wishes(),
      board: { presetId: preset.id, variantId: variant.id },
      katapult: katapult.trim(),
      klipper: klipper.trim(),
      on: this.place,
      confirmed: this.doubts !== null && this.confirmed === this.doubts,
      whilePrinting,
    };
    keepSources(this.sources);
    const started = await this.asking.run(() => this.#station.client.call('builds.start', order));
    return started?.jobId ?? null;
  }

  #wishes(): Pick<
    BuildOrder,
    'role' | 'crystalHz' | 'applicationOffset' | 'canPins' | 'bitrateBps' | 'extra'
  > {
    const [rx, tx, ...more] = this.canPins.split('/').map(pinName);
    return {
      role: this.role,
      crystalHz: numberOrNull(this.crystalMhz, 1_000_000),
      applicationOffset: numberOrNull(this.offsetKib, 1024),
      canPins: rx ? [rx, more.length === 0 ? (tx ?? '') : ''] : null,
      bitrateBps: numberOrNull(this.bitrateBps, 1),
      extra: symbolsOf(this.extra),
    };
  }
}

/**
 * Null for an empty field; text that is not a number becomes one that every recipe rejects, so the error
 * names the field.
 */
function numberOrNull(text: string, unit: number): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^\d+(?:\.\d+)?$/.test(trimmed) ? Math.round(Number(trimmed) * unit) : -1;
}

/** A line that is not `TARGET:SYMBOL=value` is kept as a symbol that every recipe rejects. */
function symbolsOf(text: string): Record<FirmwareTarget, Record<string, string>> {
  const symbols: Record<FirmwareTarget, Record<string, string>> = { katapult: {}, klipper: {} };
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const [, target, symbol, value] = /^(katapult|klipper):(?:CONFIG_)?([^=]+)=(.*)$/.exec(line) ?? [];
    const isTarget = target === 'katapult' || target === 'klipper';
    if (isTarget && symbol !== undefined && value !== undefined) symbols[target][symbol] = value;
    else symbols.klipper[texts.recipe.badSymbol(line)] = 'y';
  }
  return symbols;
}
