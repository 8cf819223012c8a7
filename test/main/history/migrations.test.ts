import { describe, expect, it } from 'vitest';
import { migrations } from '../../../main/history/migrations.ts';
import { openDatabase } from '../../../main/history/open-database.ts';
import { codeOf } from '../../error-code.ts';
import { HistoryBench } from './history-bench.ts';
import { rmSync, writeFileSync } from 'node:fs';

/** What a station of version 2 wrote, and of version 3, which only added an index. */
const ofVersion2 = `
  insert into runs (id, kind, virtual, status, session, started_at, updated_at, ended_at, port_path, preset_id,
    variant_id, mcu, uid, canbus_uuid, operator, host, process_id, station, step, state, phases, words)
  values (7, 'flash-board', 0, 'done', 's', '2026-05-01T08:00:00.000Z', '2026-05-01T08:01:00.000Z',
    '2026-05-01T08:01:00.000Z', '1-4.2', 'btt-octopus-v1.1', 'f446', 'stm32f446xx', '430014000A50534E4E313120',
    '6beb0175188a', 'Ada', 'bench-pc', 1, '0.1.0', 'done', 'katapult-verified',
    '[{"step":"install-katapult","phase":"erase","durationMs":812}]',
    '1-4.2 btt-octopus-v1.1 f446 ada stm32f446xx katapult.bin v0.0.1-110 klipper v0.13.0-1 v0.13.0-1-gabc '
      || '${'c'.repeat(40)} 430014000a50534e4e313120 6beb0175188a');
  insert into builds (id, build) values (1, :build);
  insert into images (run_id, target, result, name, sha256, size, mcu, version, source_commit, cache_key, origin, build_id)
  values (7, 'katapult', 'verified', 'katapult.bin', '${'a'.repeat(64)}', 4096, 'stm32f446xx', 'v0.0.1-110', null,
      null, 'file', null),
    (7, 'klipper', 'verified', 'klipper v0.13.0-1', '${'b'.repeat(64)}', 40960, 'stm32f446xx', 'v0.13.0-1-gabc',
      '${'c'.repeat(40)}', '${'d'.repeat(64)}', 'built', 1);
  insert into erases values (7, 134217728, 16384, 1);
  insert into held_images values ('${'a'.repeat(64)}'), ('${'b'.repeat(64)}');`;

/** Of version 8, whose images are of a part of flash. */
const ofVersion8 = ofVersion2
  .replace('katapult-verified', 'running-bridge')
  .replace('(run_id, target,', '(run_id, part,')
  .replace("(7, 'katapult',", "(7, 'bootloader',")
  .replace("(7, 'klipper',", "(7, 'application',");

/** What a station of each older version wrote: one run that is done, with a built and an imported image. */
const written: readonly string[] = [
  `
  insert into runs (id, kind, virtual, status, session, started_at, updated_at, ended_at, port_path, preset_id,
    variant_id, mcu, uid, canbus_uuid, operator, host, process_id, station, step, state, phases)
  values (7, 'flash-board', 0, 'done', 's', '2026-05-01T08:00:00.000Z', '2026-05-01T08:01:00.000Z',
    '2026-05-01T08:01:00.000Z', '1-4.2', 'btt-octopus-v1.1', 'f446', 'stm32f446xx', '430014000A50534E4E313120',
    '6beb0175188a', 'Ada', 'bench-pc', 1, '0.1.0', 'done', 'katapult-verified',
    '[{"step":"install-katapult","phase":"erase","durationMs":812}]');
  insert into images (run_id, target, result, name, sha256, size, mcu, version, source_commit, cache_key, origin, build)
  values (7, 'katapult', 'verified', 'katapult.bin', '${'a'.repeat(64)}', 4096, 'stm32f446xx', 'v0.0.1-110', null,
      null, 'file', null),
    (7, 'klipper', 'verified', 'klipper v0.13.0-1', '${'b'.repeat(64)}', 40960, 'stm32f446xx', 'v0.13.0-1-gabc',
      '${'c'.repeat(40)}', '${'d'.repeat(64)}', 'built', :build);
  insert into erases values (7, 134217728, 16384, 1);
  insert into held_images values ('${'a'.repeat(64)}'), ('${'b'.repeat(64)}');`,
  ofVersion2,
  ofVersion2,
  ofVersion2.replace('katapult-verified', 'running-bridge'),
  ofVersion2.replace('katapult-verified', 'running-bridge'),
  ofVersion2.replace('katapult-verified', 'running-bridge'),
  ofVersion2.replace('katapult-verified', 'running-bridge'),
  ofVersion8,
];

const build = {
  target: 'klipper',
  recipe: {
    mcu: 'stm32f446xx',
    crystalHz: 12_000_000,
    applicationOffset: 0x8000,
    canPins: ['PD0', 'PD1'],
    bitrateBps: 1_000_000,
    extra: { katapult: {}, klipper: {} },
  },
  source: {
    location: 'https://github.com/Klipper3d/klipper',
    ref: 'master',
    commit: 'c'.repeat(40),
    treeId: 'e'.repeat(40),
    version: 'v0.13.0-1-gabc',
    dirty: false,
  },
  toolchain: { identity: 'gcc 12', tools: [] },
  config: 'f'.repeat(64),
  log: '0'.repeat(64),
  machine: 'local',
  host: 'bench-pc',
  station: '0.1.0',
  durationMs: 30_000,
};

describe('a history of an older Canopus', () => {
  it('has a sample of every older version', () => {
    expect(written).toHaveLength(migrations.length - 1);
  });

  for (const [index, sample] of written.entries()) {
    it(`of version ${index + 1} is brought up to date and loses nothing`, async () => {
      using bench = new HistoryBench();
      const old = openDatabase(bench.file, migrations.slice(0, index + 1));
      old.exec(sample.replace(':build', `'${JSON.stringify(build)}'`));
      old.close();
      const history = await bench.open();
      expect(history.get(7)).toMatchObject({
        status: 'done',
        // It was done because the bridge was seen, whatever the states of its version could say.
        state: 'running-bridge',
        place: 'usb:1-4.2',
        uid: '430014000A50534E4E313120',
        canbusUuid: '6beb0175188a',
        // Nobody wrote down then whether it was confirmed.
        canbusUuidSource: null,
        phases: [{ step: 'install-katapult', phase: 'erase', durationMs: 812 }],
        images: [
          { part: 'bootloader', build: null, origin: 'file' },
          { part: 'application', build, origin: 'built', key: 'd'.repeat(64) },
        ],
      });
      for (const text of ['ada', '6BEB01', 'octopus v0.13.0', '1-4.2', 'usb:1-4.2', 'c'.repeat(12)]) {
        expect(history.page({ text }, 10).runs.map(({ id }) => id)).toEqual([7]);
      }
      expect(history.wear('430014000A50534E4E313120').cycles).toBe(1);
      expect(history.heldImages().size).toBe(2);
      // Numbers go on where they were.
      history.recorder.begin({
        kind: 'install-klipper',
        place: 'usb:1-1',
        board: null,
        images: { bootloader: null, application: null },
        operator: null,
        isVirtual: false,
      });
      expect(history.page({}, 1).runs[0]!.id).toBe(8);
    });
  }

  it('ends with the same schema as a new one, whatever it began with', () => {
    const schemas = migrations.map((_, index): readonly unknown[] => {
      using bench = new HistoryBench();
      openDatabase(bench.file, migrations.slice(0, index + 1)).close();
      using database = openDatabase(bench.file);
      return database.prepare('select type, name, tbl_name, sql from sqlite_schema order by name').all();
    });
    for (const schema of schemas) expect(schema).toEqual(schemas.at(-1));
  });

  it('is unchanged if its update fails', () => {
    using bench = new HistoryBench();
    openDatabase(bench.file, migrations.slice(0, 1)).close();
    const broken = [...migrations.slice(0, 1), 'create table half (a); create table runs (b);'];
    expect(() => openDatabase(bench.file, broken)).toThrow();
    using database = openDatabase(bench.file, migrations.slice(0, 1));
    expect(database.prepare("select name from sqlite_schema where name = 'half'").all()).toEqual([]);
  });
});

describe('a history that cannot be opened', () => {
  it('is named as newer, damaged or unwritable', () => {
    using bench = new HistoryBench();
    openDatabase(bench.file, [...migrations, 'create table later (a);']).close();
    expect(codeOf(() => openDatabase(bench.file))).toBe('history/newer');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${bench.file}${suffix}`, { force: true });
    writeFileSync(bench.file, 'no database at all '.repeat(500));
    expect(codeOf(() => openDatabase(bench.file))).toBe('history/damaged');
    expect(codeOf(() => openDatabase(`${bench.file}/history.sqlite`))).toBe('history/unwritable');
  });
});
