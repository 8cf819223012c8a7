import * as z from 'zod/mini';
import type { SectorErases } from '../../app/history/erased-sectors.ts';
import type { Database } from './open-database.ts';

/** How often the flash of one chip was erased by runs in this history. */
export interface ChipWear {
  readonly runs: number;
  /** For the sector erased most often: the data sheet's endurance is per sector. */
  readonly cycles: number;
  readonly sectors: readonly SectorErases[];
}

const sectorRow = z.object({ address: z.int(), size: z.int(), times: z.int() });

/** The wear of a chip by its UID; virtual boards do not wear. */
export function chipWear(database: Database, uid: string): ChipWear {
  const runs: unknown = database
    .prepare('select count(*) as runs from runs where uid = ? and not virtual')
    .get(uid);
  const sectors = database
    .prepare(
      `select address, max(size) as size, sum(times) as times
       from erases join runs on runs.id = run_id
       where uid = ? and not virtual group by address order by address`,
    )
    .all(uid)
    .map((row) => sectorRow.parse(row))
    .map(({ address, size, times }) => ({ start: address, size, times }));
  return {
    runs: z.object({ runs: z.int() }).parse(runs).runs,
    cycles: sectors.reduce((most, { times }) => Math.max(most, times), 0),
    sectors,
  };
}
