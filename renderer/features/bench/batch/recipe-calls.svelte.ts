import type { SavedRecipe } from '../../../../app/bench/saved-recipe.ts';
import type { StationClient } from '../../../../app/contract/station-contract.ts';
import { Asking } from '../../../station/asking.svelte.ts';
import { saveFile } from '../../../ui/save-file.ts';
import { readBase64 } from '../../firmware/read-file.ts';

/** What a person does with saved recipes; one request at a time. */
export class RecipeCalls {
  readonly asking = new Asking();
  readonly #client: StationClient;

  constructor(client: StationClient) {
    this.#client = client;
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
    if (file !== null) saveFile(new Blob([file.text], { type: 'application/json' }), file.fileName);
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
