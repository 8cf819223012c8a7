import { searchPresets } from '../../../app/boards/preset.ts';
import { noBridgeSentence } from '../../../app/mcu/bridge.ts';
import type { PresetView } from '../../../app/contract/station-contract.ts';

export interface BoardChoice {
  readonly presetId: string;
  readonly variantId: string;
}

/** The search and selection in the picker, before a board is chosen. */
export class PickerState {
  query = $state('');
  presetId: string | null = $state(null);
  variantId: string | null = $state(null);
  readonly #presets: () => readonly PresetView[];

  constructor(presets: () => readonly PresetView[], chosen: BoardChoice | null) {
    this.#presets = presets;
    this.presetId = chosen?.presetId ?? null;
    this.variantId = chosen?.variantId ?? null;
  }

  get found(): readonly PresetView[] {
    return searchPresets(this.#presets(), this.query);
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

  /** Selects a board; if it comes with one chip only, selects that variant too. */
  look(preset: PresetView): void {
    if (preset.id === this.presetId) return;
    this.presetId = preset.id;
    const [only] = preset.variants;
    this.variantId = preset.variants.length === 1 && only !== undefined ? only.id : null;
  }
}
