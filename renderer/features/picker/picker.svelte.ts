import { searchPresets } from '../../../app/boards/preset.ts';
import { noBridgeSentence } from '../../../app/mcu/bridge.ts';
import type { PresetView } from '../../../app/contract/station-contract.ts';

export interface BoardChoice {
  readonly presetId: string;
  readonly variantId: string;
}

/** What is searched for and looked at in the picker before it is chosen. */
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

  /** Why no board is found for a chip that is asked for by its name; null where that is no reason. */
  get whyNone(): string | null {
    const [chip] = /f1\d\d/i.exec(this.query) ?? [];
    return chip === undefined ? null : noBridgeSentence(`stm32${chip}`);
  }

  get preset(): PresetView | null {
    return this.#presets().find(({ id }) => id === this.presetId) ?? null;
  }

  /** What can be chosen now; null while the variant is open. */
  get choice(): BoardChoice | null {
    const { preset, variantId } = this;
    if (preset === null || !preset.variants.some(({ id }) => id === variantId)) return null;
    return { presetId: preset.id, variantId: variantId ?? '' };
  }

  /** Looks at a board; one that comes with one chip only has its variant chosen with it. */
  look(preset: PresetView): void {
    if (preset.id === this.presetId) return;
    this.presetId = preset.id;
    const [only] = preset.variants;
    this.variantId = preset.variants.length === 1 && only !== undefined ? only.id : null;
  }
}
