import type { ChipSight } from '../../../app/chip/fitting-boards.ts';
import { searchPresets } from '../../../app/boards/preset.ts';
import { noBridgeSentence } from '../../../app/mcu/bridge.ts';
import type { PresetView } from '../../../app/contract/station-contract.ts';

export interface BoardChoice {
  readonly presetId: string;
  readonly variantId: string;
}

interface PickerOptions {
  /** The chip that is plugged in. */
  readonly sight?: () => ChipSight | null;
  readonly isChipFirst?: boolean;
}

/** A preset for a chip on any board. */
const isGeneric = (presetId: string): boolean => presetId.startsWith('generic-');

/** The search and selection in the picker, before a board is chosen. */
export class PickerState {
  query = $state('');
  presetId: string | null = $state(null);
  variantId: string | null = $state(null);
  /** Boards that do not fit the chip, and those for any chip, are shown too. */
  showsAll = $state(false);
  /** Nothing is listed before a chip was seen, or a person searches or wants all. */
  readonly #isChipFirst: boolean;
  readonly #presets: () => readonly PresetView[];
  readonly #sight: () => ChipSight | null;

  constructor(
    presets: () => readonly PresetView[],
    chosen: BoardChoice | null,
    { sight = () => null, isChipFirst = false }: PickerOptions = {},
  ) {
    this.#isChipFirst = isChipFirst;
    this.#presets = presets;
    this.#sight = sight;
    this.presetId = chosen?.presetId ?? null;
    this.variantId = chosen?.variantId ?? null;
  }

  get found(): readonly PresetView[] {
    const found = searchPresets(this.#presets(), this.query);
    return this.isNarrowed ? found.filter(({ id }) => !isGeneric(id) && this.#fitting(id).length > 0) : found;
  }

  get isListed(): boolean {
    if (!this.#isChipFirst || this.showsAll || this.query.trim() !== '') return true;
    return this.#sight() !== null || this.presetId !== null;
  }

  /** Only boards with the chip that is plugged in are listed. */
  get isNarrowed(): boolean {
    return !this.showsAll && (this.#sight()?.fits.length ?? 0) > 0;
  }

  /** True if the chip that is plugged in may be the one of the choice. */
  get isOfChip(): boolean {
    return this.presetId !== null && this.#fitting(this.presetId).includes(this.variantId ?? '');
  }

  /** Why no board matches a chip that is searched for by name; null if the chip is not the reason. */
  get whyNone(): string | null {
    const [chip] = /f1\d\d/i.exec(this.query) ?? [];
    return chip === undefined ? null : noBridgeSentence(`stm32${chip}`);
  }

  get preset(): PresetView | null {
    return this.#presets().find(({ id }) => id === this.presetId) ?? null;
  }

  /** The current choice; null while the variant is open. */
  get choice(): BoardChoice | null {
    const { preset, variantId } = this;
    if (preset === null || !preset.variants.some(({ id }) => id === variantId)) return null;
    return { presetId: preset.id, variantId: variantId ?? '' };
  }

  /** Selects a board; if it comes with one chip only, or one that fits, selects that variant too. */
  look(preset: PresetView): void {
    if (preset.id === this.presetId) return;
    this.presetId = preset.id;
    const fitting = this.#fitting(preset.id);
    const variants = fitting.length > 0 ? fitting : preset.variants.map(({ id }) => id);
    this.variantId = variants.length === 1 ? (variants[0] ?? null) : null;
  }

  #fitting(presetId: string): readonly string[] {
    const fits = this.#sight()?.fits ?? [];
    return fits.filter((fit) => fit.presetId === presetId).map(({ variantId }) => variantId);
  }
}
