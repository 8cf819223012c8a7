import * as z from 'zod/mini';
import type { ImagePart } from '../../app/image/image-parts.ts';
import type { BoardCode } from '../../app/history/board-code.ts';
import type { BoardFacts } from '../../app/history/board-facts.ts';
import { compareVersions } from '../../app/history/compare-version.ts';
import { enduranceCycles } from '../../app/history/erased-sectors.ts';
import { reflashOrder } from '../../app/history/reflash-order.ts';
import type { RunRecord } from '../../app/history/run-record.ts';
import { chipWear } from './chip-wear.ts';
import type { Database } from './open-database.ts';
import { readRuns } from './run-rows.ts';

export interface LookupOptions {
  /** A version or a commit to compare the board's Klipper with. */
  readonly against: string | null;
  /** Keys of the images in the cache. */
  readonly cached: ReadonlySet<string>;
}

/** What is known about a board; null if no run has it. */
export function lookUpBoard(database: Database, code: BoardCode, options: LookupOptions): BoardFacts | null {
  const [column, value] = code.uid === null ? ['canbus_uuid', code.canbusUuid] : ['uid', code.uid];
  const newest = (condition: string, part: ImagePart | null): RunRecord | null => {
    const rows = database
      .prepare(
        `select * from runs where ${column} = :value and ${condition} order by started_at desc, id desc limit 1`,
      )
      .all(part === null ? { value } : { value, part });
    return readRuns(database, rows)[0] ?? null;
  };
  const lastRun = newest('true', null);
  if (lastRun === null || lastRun.uid === null || lastRun.canbusUuid === null) return null;
  const { uid, canbusUuid } = lastRun;
  const withResult = (part: ImagePart, result: string) =>
    newest(
      `id in (select run_id from images where run_id = runs.id and part = :part and result = '${result}')`,
      part,
    );
  const on = (part: ImagePart) => {
    const run = withResult(part, 'verified');
    const image = run?.images.find((each) => each.part === part);
    return run && image ? { runId: run.id, at: run.updatedAt, state: run.state, image } : null;
  };
  const overwritten = newest(`kind = 'restore' and state <> 'untouched'`, null)?.startedAt ?? '';
  const still = (found: ReturnType<typeof on>) => (found !== null && overwritten > found.at ? null : found);
  const bootloader = still(on('bootloader'));
  const application = still(on('application'));
  const restore = newest(`kind = 'restore' and state = 'restored'`, null);
  const isRestored =
    restore !== null && [bootloader, application].every((each) => restore.startedAt > (each?.at ?? ''));
  const provenAt = isRestored ? restore.updatedAt : (application?.at ?? '');
  // Installing a bootloader erases the beginning of what was behind it.
  const isErased = application !== null && bootloader !== null && bootloader.runId > application.runId;
  const cutOff = [
    withResult('bootloader', 'partial'),
    withResult('application', 'partial'),
    newest(`kind = 'restore' and state = 'dfu-partial'`, null),
  ];
  const board = newest('preset_id is not null', null);
  const { against, cached } = options;
  const { presetId = null, variantId = null } = board ?? {};
  const { cycles, sectors } = chipWear(database, uid);
  return {
    uid,
    canbusUuid,
    virtual: lastRun.virtual,
    presetId,
    variantId,
    mcu: lastRun.mcu,
    ...totals(database, uid),
    lastRun,
    bootloader,
    application,
    restored: isRestored ? { runId: restore.id, at: restore.updatedAt, backupId: restore.backupId } : null,
    disturbed: isErased || cutOff.some((run) => run !== null && run.startedAt > provenAt),
    standing:
      against === null || application === null
        ? null
        : compareVersions(
            { version: application.image.version, commit: application.image.build?.source.commit ?? null },
            against,
          ),
    wear: { cycles, endurance: enduranceCycles, sectors },
    reflash: reflashOrder({
      presetId,
      variantId,
      images: { bootloader: bootloader?.image ?? null, application: application?.image ?? null },
      cached,
    }),
  };
}

function totals(database: Database, uid: string): { runs: number; firstSeenAt: string } {
  const row: unknown = database
    .prepare('select count(*) as runs, min(started_at) as first from runs where uid = ?')
    .get(uid);
  const { runs, first } = z.object({ runs: z.int(), first: z.string() }).parse(row);
  return { runs, firstSeenAt: first };
}
