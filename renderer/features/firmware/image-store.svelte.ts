import type { ImageView, StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';
import { signerWords } from '../../../app/words.ts';
import { texts } from '../../texts/en.ts';
import { formatBytes } from '../../ui/format.ts';
import { bringBundle, bundleName, download, fetchBundle, isBundle } from './bundle-transfer.ts';
import { readBase64 } from '../../ui/read-file.ts';

/** Rows drawn until all are requested. */
export const firstRows = 100;

/** The images that the station keeps, as the table shows them. */
export class ImageStore {
  images: readonly ImageView[] = $state.raw([]);
  usage: StationOutput<'images.usage'> | null = $state.raw(null);
  isKnown = $state(false);
  query = $state('');
  showsAll = $state(false);
  /** Keys, in the order they were chosen. */
  selected: readonly string[] = $state.raw([]);
  /** The outcome of the last command, in words. */
  outcome: string | null = $state(null);
  /** 0 to 1 during the transfer of a bundle. */
  progress: number | null = $state(null);
  readonly asking = new Asking();
  readonly #client: StationClient;

  constructor(client: StationClient) {
    this.#client = client;
  }

  /** Images in which every word of the query occurs. */
  get found(): readonly ImageView[] {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.images;
    return this.images.filter((image) => words.every((word) => searchText(image).includes(word)));
  }

  get shown(): readonly ImageView[] {
    return this.showsAll ? this.found : this.found.slice(0, firstRows);
  }

  async load(): Promise<void> {
    await this.asking.run(() => this.#load());
  }

  toggle(key: string): void {
    this.selected = this.selected.includes(key)
      ? this.selected.filter((each) => each !== key)
      : [...this.selected, key];
  }

  toggleAllShown(): void {
    const keys = this.shown.map(({ record }) => record.key);
    this.selected = keys.every((key) => this.selected.includes(key)) ? [] : keys;
  }

  setPinned(key: string, pinned: boolean): Promise<void> {
    return this.#do(async () => {
      await this.#client.call('images.pin', { key, pinned });
      return null;
    });
  }

  forget(keys: readonly string[]): Promise<void> {
    return this.#do(async () => {
      for (const key of keys) await this.#client.call('images.forget', { key });
      this.selected = this.selected.filter((key) => !keys.includes(key));
      return texts.images.forgotten(keys.length);
    });
  }

  verify(): Promise<void> {
    return this.#do(async () => {
      const { images, damaged } = await this.#client.call('images.verify', null);
      return texts.images.verified(images, damaged.length);
    });
  }

  /**
   * Exports the chosen images, or all, as a bundle: into a folder if the host asks for one, or else as a
   * download.
   */
  exportBundle(asksForFolder: boolean): Promise<void> {
    const keys = this.selected.length === 0 ? null : [...this.selected];
    return this.#do(async () => {
      if (asksForFolder) {
        const saved = await this.#client.call('bundles.save', { keys });
        return saved === null ? null : texts.images.saved(saved.images, saved.file);
      }
      const { blob, images } = await fetchBundle(this.#client, keys, (part) => (this.progress = part));
      download(blob, bundleName());
      return texts.images.exported(images, formatBytes(blob.size));
    });
  }

  /** Imports images and bundles; failures are listed, the others are imported. */
  importFiles(files: readonly File[]): Promise<void> {
    return this.#do(async () => {
      let [added, known] = [0, 0];
      const signers: string[] = [];
      for (const file of files) {
        if (await isBundle(file)) {
          const report = await bringBundle(this.#client, file, (part) => (this.progress = part));
          added += report.added.length;
          known += report.known.length;
          if (!signers.includes(signerWords[report.signer])) signers.push(signerWords[report.signer]);
        } else {
          const before = this.images.length;
          await this.#client.call('images.import', { name: file.name, base64: await readBase64(file) });
          await this.#load();
          if (this.images.length > before) added += 1;
          else known += 1;
        }
      }
      return [texts.images.imported(added, known), ...signers].join(' ');
    });
  }

  async #do(work: () => Promise<string | null>): Promise<void> {
    this.outcome = null;
    await this.asking.run(async () => {
      try {
        this.outcome = await work();
      } finally {
        this.progress = null;
        await this.#load();
      }
    });
  }

  async #load(): Promise<void> {
    [this.images, this.usage] = await Promise.all([
      this.#client.call('images.list', null),
      this.#client.call('images.usage', null),
    ]);
    this.isKnown = true;
    this.selected = this.selected.filter((key) => this.images.some(({ record }) => record.key === key));
  }
}

function searchText({ record }: ImageView): string {
  const { info, build, importedFrom, presetId, key } = record;
  const source = build?.source;
  return [
    ...[info.kind, info.mcu, info.version, info.sha256, info.can?.pins?.join('/')],
    ...[source?.location, source?.ref, source?.commit, importedFrom, presetId, key],
  ]
    .join(' ')
    .toLowerCase();
}
