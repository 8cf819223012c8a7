import { placeId } from '../../app/place.ts';
import * as z from 'zod/mini';
import { imageParts } from '../../app/image/image-parts.ts';
import { runImage, runRecord, type RunImage, type RunRecord } from '../../app/history/run-record.ts';
import type { Database } from './open-database.ts';

const text = z.nullable(z.string());

const runRow = z.object({
  id: z.int(),
  kind: z.string(),
  virtual: z.int(),
  status: z.string(),
  session: z.string(),
  started_at: z.string(),
  updated_at: z.string(),
  ended_at: text,
  acknowledged_at: text,
  place: placeId,
  slot: text,
  preset_id: text,
  variant_id: text,
  mcu: text,
  bootloader: text,
  uid: text,
  canbus_uuid: text,
  canbus_uuid_source: text,
  operator: text,
  host: z.string(),
  station: z.string(),
  step: text,
  phase: text,
  state: z.string(),
  phases: z.string(),
  error: text,
  backup_id: text,
  crystal_hz: z.nullable(z.int()),
});

const imageRow = z.object({
  run_id: z.int(),
  part: z.enum(imageParts),
  result: z.string(),
  name: z.string(),
  sha256: z.string(),
  size: z.int(),
  mcu: text,
  version: text,
  cache_key: text,
  origin: z.string(),
  imported_from: text,
  build: text,
});

/** Rows of `runs`, whole, with their images. Throws on rows that do not fit the schema: they are damaged. */
export function readRuns(database: Database, rows: readonly unknown[]): RunRecord[] {
  const runs = rows.map((row) => runRow.parse(row));
  if (runs.length === 0) return [];
  const images = imagesOf(
    database,
    runs.map(({ id }) => id),
  );
  return runs.map((row) =>
    runRecord.parse({
      id: row.id,
      kind: row.kind,
      virtual: row.virtual === 1,
      status: row.status,
      session: row.session,
      startedAt: row.started_at,
      updatedAt: row.updated_at,
      endedAt: row.ended_at,
      acknowledgedAt: row.acknowledged_at,
      place: row.place,
      slot: row.slot,
      presetId: row.preset_id,
      variantId: row.variant_id,
      mcu: row.mcu,
      bootloader: row.bootloader,
      uid: row.uid,
      canbusUuid: row.canbus_uuid,
      canbusUuidSource: row.canbus_uuid_source,
      operator: row.operator,
      host: row.host,
      station: row.station,
      step: row.step,
      phase: row.phase,
      state: row.state,
      phases: JSON.parse(row.phases) as unknown,
      error: row.error === null ? null : (JSON.parse(row.error) as unknown),
      images: images.get(row.id) ?? [],
      backupId: row.backup_id,
      crystalHz: row.crystal_hz,
    }),
  );
}

function imagesOf(database: Database, ids: readonly number[]): ReadonlyMap<number, RunImage[]> {
  const found = new Map<number, RunImage[]>();
  const rows = database
    .prepare(
      `select images.*, build from images left join builds on builds.id = build_id where run_id in (${ids.map(() => '?').join(', ')}) order by run_id, part desc`,
    )
    .all(...ids);
  for (const row of rows.map((each) => imageRow.parse(each))) {
    const image = runImage.parse({
      part: row.part,
      result: row.result,
      name: row.name,
      sha256: row.sha256,
      size: row.size,
      mcu: row.mcu,
      version: row.version,
      key: row.cache_key,
      origin: row.origin,
      importedFrom: row.imported_from,
      build: row.build === null ? null : (JSON.parse(row.build) as unknown),
    });
    found.set(row.run_id, [...(found.get(row.run_id) ?? []), image]);
  }
  return found;
}
