import type { SavedRecipe } from '../../../../app/bench/saved-recipe.ts';
import type { StationClient } from '../../../../app/contract/station-contract.ts';
import type { StationState } from '../../../station/station.svelte.ts';
import { Asking } from '../../../station/asking.svelte.ts';
import { keepFile } from '../../../station/keep-file.ts';
import { readBase64 } from '../../../ui/read-file.ts';

/** What a person does with saved recipes; one request at a time. */
export class RecipeCalls {
  readonly asking = new Asking();
  readonly #station: Pick<StationState, 'client' | 'info'>;

  constructor(station: Pick<StationState, 'client' | 'info'>) {
    this.#station = station;
  }

  get #client(): StationClient {
    return this.#station.client;
  }

  /** Returns whether it is saved; `asking.error` says why not. */
  async save(name: string, recipeId: string): Promise<boolean> {
    return (await this.asking.run(() => this.#client.call('recipes.save', { name, recipeId }))) !== null;
  }

  async rename({ id }: SavedRecipe, name: string): Promise<boolean> {
    return (await this.asking.run(() => this.#client.call('recipes.rename', { id, name }))) !== null;
  }

  async arm({ id }: SavedRecipe): Promise<boolean> {
    const armed = await this.asking.run(() => this.#client.call('recipes.arm', { id, confirmed: true }));
    return armed !== null;
  }

  remove({ id }: SavedRecipe): void {
    void this.asking.run(() => this.#client.call('recipes.remove', { id }));
  }

  async export({ id }: SavedRecipe): Promise<void> {
    const file = await this.asking.run(() => this.#client.call('recipes.export', { id }));
    if (file === null) return;
    const blob = new Blob([file.text], { type: 'application/json' });
    await this.asking.run(() => keepFile(this.#station, file.fileName, blob));
  }

  /** Recipe files, and the image files that they name. */
  async import(files: readonly File[]): Promise<void> {
    await this.asking.run(async () => {
      const recipes = files.filter(({ name }) => /\.json$/i.test(name));
      const images: Record<string, string> = {};
      for (const file of files) {
        if (recipes.includes(file)) continue;
        const order = { name: file.name, base64: await readBase64(file) };
        images[file.name] = (await this.#client.call('images.import', order)).record.key;
      }
      for (const file of recipes) {
        const text = await file.text();
        await this.#client.call('recipes.import', { fileName: file.name, text, images });
      }
    });
  }
}
