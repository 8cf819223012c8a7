import * as z from 'zod/mini';
import { imageParts, type ImagePart } from '../../app/image/image-parts.ts';
import type { Database } from './open-database.ts';
import { slotOrPort } from './slot-or-port.ts';

/** Every value that a filter can ask for and some run has. */
export interface FilterChoices {
  readonly operators: string[];
  readonly presetIds: string[];
  /** Names, or ports for a slot without one. */
  readonly slots: string[];
  /** Last used first. */
  readonly images: { sha256: string; part: ImagePart; version: string | null; name: string }[];
}

/** A longer list would be useless to choose from. */
const maxImages = 200;

const runRow = z.object({
  operator: z.nullable(z.string()),
  preset_id: z.nullable(z.string()),
  slot: z.string(),
});

const imageRow = z.object({
  sha256: z.string(),
  part: z.enum(imageParts),
  version: z.nullable(z.string()),
  name: z.string(),
});

export function filterChoices(database: Database): FilterChoices {
  const runs = database
    .prepare(`select distinct operator, preset_id, ${slotOrPort} as slot from runs`)
    .all()
    .map((row) => runRow.parse(row));
  return {
    operators: sorted(runs.map(({ operator }) => operator)),
    presetIds: sorted(runs.map(({ preset_id }) => preset_id)),
    slots: sorted(runs.map(({ slot }) => slot)),
    images: imagesOf(database),
  };
}

/** Jumps from one SHA-256 to the next in their index: a few images are in a hundred thousand rows. */
function imagesOf(database: Database): FilterChoices['images'] {
  return database
    .prepare(
      `with recursive hashes (sha256) as (
         select min(sha256) from images
         union all
         select (select min(sha256) from images where images.sha256 > hashes.sha256)
           from hashes where hashes.sha256 is not null
       ),
       latest (sha256, run_id) as (
         select sha256, (select max(run_id) from images where images.sha256 = hashes.sha256)
           from hashes where sha256 is not null
       )
       select images.sha256, part, version, name
         from latest join images on images.run_id = latest.run_id and images.sha256 = latest.sha256
         order by latest.run_id desc, part desc limit ${maxImages}`,
    )
    .all()
    .map((row) => imageRow.parse(row));
}

function sorted(values: readonly (string | null)[]): string[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return [...new Set(values.filter((value) => value !== null))].sort(collator.compare);
}
