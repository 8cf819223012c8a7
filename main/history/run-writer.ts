import * as z from 'zod/mini';
import { toWireError } from '../../app/contract/frames.ts';
import type { CanopusError } from '../../app/errors.ts';
import type { SectorErases } from '../../app/history/erased-sectors.ts';
import { imageParts, presentImages, type ImagePart } from '../../app/image/image-parts.ts';
import type { RunProgress } from '../../app/history/run-progress.ts';
import type { RunStatus } from '../../app/history/run-record.ts';
import type { ProcessIdentity } from '../files/process-identity.ts';
import type { LoadedImage } from '../jobs/board-images.ts';
import type { RunPlan } from '../jobs/run-recorder.ts';
import { inTransaction, translated, type Database } from './open-database.ts';

/** The writer: the same for all runs of one process. */
interface RunAuthor {
  readonly process: ProcessIdentity;
  readonly session: string;
  readonly station: string;
}

export interface RunChange {
  readonly progress: RunProgress;
  readonly erases: readonly SectorErases[];
  /** ISO 8601. */
  readonly at: string;
}

export interface RunEnd extends RunChange {
  readonly status: Exclude<RunStatus, 'running' | 'interrupted'>;
  readonly error: CanopusError | null;
}

/** A run that was begun, for further writes. */
interface WrittenRun {
  readonly id: number;
  /** What it can be searched by, whatever is added later. */
  readonly words: string;
}

/** Writes runs. Each call is one transaction, on disk when it returns. Throws as `openDatabase` does. */
export class RunWriter {
  readonly #database: Database;
  readonly #file: string;
  readonly #author: RunAuthor;

  constructor(database: Database, file: string, author: RunAuthor) {
    this.#database = database;
    this.#file = file;
    this.#author = author;
  }

  /** Writes what a run is about to do. */
  begin(plan: RunPlan, progress: RunProgress, at: string): WrittenRun {
    const { process, session, station } = this.#author;
    const words = wordsOf(plan);
    const values = {
      kind: plan.kind,
      virtual: plan.isVirtual ? 1 : 0,
      status: 'running',
      session,
      started_at: at,
      updated_at: at,
      place: plan.place,
      slot: plan.slot ?? null,
      preset_id: plan.board?.presetId ?? null,
      variant_id: plan.board?.variantId ?? null,
      mcu: (plan.images.application ?? plan.images.bootloader)?.info.mcu ?? null,
      uid: progress.uid,
      canbus_uuid: progress.canbusUuid,
      canbus_uuid_source: progress.canbusUuidSource,
      operator: plan.operator,
      host: process.host,
      process_id: process.pid,
      process_started_at: process.startedAt,
      station,
      step: progress.step,
      state: progress.state,
      phases: '[]',
      backup_id: progress.backupId,
      words: lowerCase([words, progress.uid, progress.canbusUuid]),
    };
    return this.#write(() => {
      const id = Number(this.#insert('runs', values));
      this.#putImages(id, plan.images, plan.isVirtual);
      return { id, words };
    });
  }

  /** Records that a run continues with other images than it began with. */
  setImages(run: WrittenRun, images: RunPlan['images'], isVirtual: boolean): void {
    this.#write(() => this.#putImages(run.id, images, isVirtual));
  }

  #putImages(id: number, images: RunPlan['images'], isVirtual: boolean): void {
    for (const part of imageParts) {
      const image = images[part];
      if (image === null) continue;
      const row = { ...imageRow(id, part, image), build_id: this.#buildOf(image) };
      this.#insert('images', row, 'insert or replace');
      if (!isVirtual) this.#insert('held_images', { sha256: image.info.sha256 }, 'insert or ignore');
    }
  }

  /** Records where a run is now. */
  update(run: WrittenRun, change: RunChange): void {
    this.#write(() => this.#change(run, change, null, {}));
  }

  /** Records how a run ended; even if it was wrongly marked as interrupted. */
  end(run: WrittenRun, end: RunEnd): void {
    const { status, error, at } = end;
    const text = error === null ? null : JSON.stringify(toWireError(error));
    this.#write(() => this.#change(run, end, error?.code ?? null, { status, ended_at: at, error: text }));
  }

  #change(
    { id, words }: WrittenRun,
    { progress, erases, at }: RunChange,
    errorCode: string | null,
    more: Row,
  ): void {
    const {
      step,
      phase,
      state,
      uid,
      canbusUuid,
      canbusUuidSource,
      bootloader,
      mcu,
      phases,
      results,
      backupId,
      crystalHz,
    } = progress;
    this.#set(
      'runs',
      'id = :id',
      { id },
      {
        updated_at: at,
        step,
        phase,
        state,
        uid,
        canbus_uuid: canbusUuid,
        canbus_uuid_source: canbusUuidSource,
        bootloader,
        // Until the board identifies itself: the MCU that its image is for.
        ...(mcu === null ? {} : { mcu }),
        phases: JSON.stringify(phases),
        error_code: errorCode,
        backup_id: backupId,
        crystal_hz: crystalHz,
        words: lowerCase([words, uid, canbusUuid, errorCode, backupId]),
        ...more,
      },
    );
    for (const part of imageParts) {
      this.#set('images', 'run_id = :id and part = :part', { id, part }, { result: results[part] });
    }
    // What was announced and then refused did not happen.
    if (erases.length === 0) this.#database.prepare('delete from erases where run_id = ?').run(id);
    for (const { start, size, times } of erases) {
      this.#insert('erases', { run_id: id, address: start, size, times }, 'insert or replace');
    }
  }

  #buildOf({ record }: LoadedImage): number | null {
    if (!record?.build) return null;
    const build = JSON.stringify(record.build);
    this.#insert('builds', { build }, 'insert or ignore');
    const row: unknown = this.#database.prepare('select id from builds where build = :build').get({ build });
    return z.object({ id: z.int() }).parse(row).id;
  }

  #write<T>(work: () => T): T {
    return translated(this.#file, () => inTransaction(this.#database, work));
  }

  #insert(table: string, values: Row, verb = 'insert'): number | bigint {
    const names = Object.keys(values);
    const sql = `${verb} into ${table} (${names.join(', ')}) values (${names.map((name) => `:${name}`).join(', ')})`;
    return this.#database.prepare(sql).run(values).lastInsertRowid;
  }

  #set(table: string, where: string, keys: Row, values: Row): void {
    const assignments = Object.keys(values).map((name) => `${name} = :${name}`);
    this.#database
      .prepare(`update ${table} set ${assignments.join(', ')} where ${where}`)
      .run({ ...keys, ...values });
  }
}

type Row = Readonly<Record<string, string | number | null>>;

function imageRow(id: number, part: ImagePart, { name, info, record }: LoadedImage): Row {
  const { sha256, size, mcu, version } = info;
  return {
    run_id: id,
    part,
    result: 'not-written',
    name,
    sha256,
    size,
    mcu,
    version,
    source_commit: record?.build?.source.commit ?? null,
    cache_key: record?.key ?? null,
    origin: record?.origin ?? 'file',
    imported_from: record?.importedFrom ?? null,
  };
}

/** What a run can be searched by from its start. */
function wordsOf({ place, slot, board, images, operator }: RunPlan): string {
  const loaded = presentImages(images);
  return lowerCase([
    ...[place, slot, board?.presetId, board?.variantId, operator, loaded[0]?.info.mcu],
    ...loaded.flatMap(({ name, info, record }) => [
      ...[name, info.version, record?.build?.source.commit, info.sha256],
    ]),
  ]);
}

function lowerCase(words: readonly (string | null | undefined)[]): string {
  return words
    .filter((word) => word !== null && word !== undefined && word !== '')
    .join(' ')
    .toLowerCase();
}
