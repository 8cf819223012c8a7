import type { Card } from '../../../app/cards/card.ts';
import { isDoubt } from '../../../app/image/image-problem.ts';
import { cardProblem } from '../../../app/cards/check-card.ts';
import type { ImageView, StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';
import { readBase64 } from '../../ui/read-file.ts';
import type { BoardChoice } from '../picker/picker.svelte.ts';

/** The image and the card for a board that is flashed from one. */
export class CardChoice {
  images: readonly ImageView[] = $state.raw([]);
  problems: StationOutput<'cards.check'> = $state.raw({});
  cards: readonly Card[] = $state.raw([]);
  isKnown = $state(false);
  image: string | null = $state(null);
  card: string | null = $state(null);
  readonly asking = new Asking();
  readonly #client: StationClient;
  readonly #board: BoardChoice;

  constructor(client: StationClient, { presetId, variantId }: BoardChoice) {
    this.#client = client;
    this.#board = { presetId, variantId };
  }

  /** Images without contradictions, last used first. */
  get fitting(): readonly ImageView[] {
    return this.images.filter(({ record }) => this.problems[record.key]?.length === 0);
  }

  /** Images of Klipper that do not fit, each with its reason. */
  get refused(): readonly ImageView[] {
    return this.images.filter(
      ({ record }) => record.info.kind !== 'katapult' && this.problems[record.key]?.every(isDoubt) === false,
    );
  }

  /** What is to be done, or null while something is missing. */
  get order(): { readonly card: string; readonly image: string } | null {
    const { image, card } = this;
    return image === null || card === null ? null : { card, image };
  }

  /** Why this card cannot be used, as far as its system says; null if nothing speaks against it. */
  obstacle(card: Card): 'card/read-only' | 'card/wrong-file-system' | 'card/full' | null {
    const code = cardProblem(card, 0)?.code ?? null;
    return code === 'card/read-only' || code === 'card/wrong-file-system' || code === 'card/full'
      ? code
      : null;
  }

  async load(): Promise<void> {
    await this.asking.run(() => this.#look());
  }

  async importFiles(files: Iterable<File>): Promise<void> {
    await this.asking.run(async () => {
      for (const file of files) {
        const base64 = await readBase64(file);
        const { record } = await this.#client.call('images.import', { name: file.name, base64 });
        await this.#look();
        if (this.problems[record.key]?.length === 0) this.image = record.key;
      }
    });
  }

  /** A sample image for virtual boards. */
  async addSample(): Promise<void> {
    await this.asking.run(async () => {
      const { application } = await this.#client.call('images.sample', this.#board);
      await this.#look();
      if (this.problems[application]?.length === 0) this.image = application;
    });
  }

  async #look(): Promise<void> {
    [this.images, this.problems, this.cards] = await Promise.all([
      this.#client.call('images.list', null),
      this.#client.call('cards.check', this.#board),
      this.#client.call('cards.list', null),
    ]);
    this.isKnown = true;
    const isFitting = this.fitting.some(({ record }) => record.key === this.image);
    if (!isFitting) this.image = this.fitting[0]?.record.key ?? null;
    // A card is written only where a person chose it.
    if (!this.cards.some(({ id }) => id === this.card)) this.card = null;
  }
}
