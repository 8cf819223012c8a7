import { maxPresetBytes } from '../../../app/boards/user-preset.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { toCanopusError } from '../../../app/errors.ts';
import { texts } from '../../texts/en.ts';
import { bringBundle, isBundle } from '../firmware/bundle-transfer.ts';
import { readBase64 } from '../../ui/read-file.ts';

/** What became of one dropped file. */
export interface Dropped {
  readonly name: string;
  /** What it was recognised as; null: it was refused. */
  readonly kind: DroppedKind | null;
  /** What it was imported as, or why it was refused. */
  readonly text: string;
}

export type DroppedKind = 'image' | 'bundle' | 'recipe' | 'preset';

const words = texts.drop;

/**
 * Imports each file to where its kind belongs; a refused one costs no other. A recipe takes its images from the files
 * that were dropped with it.
 */
export async function importDropped(
  client: StationClient,
  files: readonly File[],
): Promise<readonly Dropped[]> {
  const kinds = new Map<File, DroppedKind | null>();
  for (const file of files) kinds.set(file, await kindOf(file));
  const images: Record<string, string> = {};
  const dropped: Dropped[] = [];
  // Recipes last: their images are stored then.
  const inOrder = [...files].sort(
    (a, b) => Number(kinds.get(a) === 'recipe') - Number(kinds.get(b) === 'recipe'),
  );
  for (const file of inOrder) {
    const kind = kinds.get(file) ?? null;
    dropped.push(
      kind === null ? { ...refused(file), text: words.unknown } : await importOne(client, file, kind, images),
    );
  }
  return dropped;
}

async function importOne(
  client: StationClient,
  file: File,
  kind: DroppedKind,
  images: Record<string, string>,
): Promise<Dropped> {
  const { name } = file;
  try {
    switch (kind) {
      case 'bundle': {
        const { added, known } = await bringBundle(client, file, () => undefined);
        return { name, kind, text: texts.images.imported(added.length, known.length) };
      }
      case 'image': {
        const { record } = await client.call('images.import', { name, base64: await readBase64(file) });
        images[name] = record.key;
        return { name, kind, text: words.image };
      }
      case 'recipe': {
        const order = { fileName: name, text: await file.text(), images };
        return { name, kind, text: words.recipe((await client.call('recipes.import', order)).name) };
      }
      case 'preset': {
        const text = await file.text();
        const preset = await client.call('presets.add', { name, text, replace: false });
        return { name, kind, text: words.preset(preset.name) };
      }
    }
  } catch (error) {
    return { ...refused(file), text: toCanopusError(error).message };
  }
}

function refused({ name }: File): Pick<Dropped, 'name' | 'kind'> {
  return { name, kind: null };
}

/** By its content where that says it, else by its name; null: nothing that Canopus takes. */
async function kindOf(file: File): Promise<DroppedKind | null> {
  // A folder, or a file that vanished, cannot be read.
  const bundle = await isBundle(file).catch(() => null);
  if (bundle === null) return null;
  if (bundle) return 'bundle';
  if (/\.(?:bin|uf2|hex)$/i.test(file.name)) return 'image';
  if (!/\.json$/i.test(file.name) || file.size > maxPresetBytes) return null;
  const fields = fieldsOf(await file.text());
  if (fields.has('klipper') && fields.has('preset')) return 'recipe';
  return fields.has('variants') ? 'preset' : null;
}

function fieldsOf(text: string): ReadonlySet<string> {
  try {
    const value: unknown = JSON.parse(text);
    return new Set(typeof value === 'object' && value !== null ? Object.keys(value) : []);
  } catch {
    return new Set();
  }
}
