/**
 * The schema, step by step. The database's `user_version` is the number of steps applied. A released step never
 * changes: later changes are new steps.
 */
export const migrations: readonly string[] = [
  `
  create table runs (
    -- Never given twice: a link to a run stays a link to that run.
    id integer primary key autoincrement,
    kind text not null,
    virtual integer not null,
    status text not null,
    session text not null,
    -- ISO 8601, UTC, always of the same length: texts sort as times.
    started_at text not null,
    updated_at text not null,
    ended_at text,
    acknowledged_at text,
    port_path text not null,
    slot text,
    preset_id text,
    variant_id text,
    mcu text,
    bootloader text,
    uid text,
    canbus_uuid text,
    operator text,
    -- Whose run it is: while it has no end, a process that is gone tells that it was interrupted.
    host text not null,
    process_id integer not null,
    process_started_at text,
    station text not null,
    step text,
    phase text,
    state text not null,
    -- JSON: [{ step, phase, durationMs }]
    phases text not null,
    error_code text,
    -- JSON of the whole error.
    error text
  ) strict;
  create index runs_by_time on runs (started_at, id);
  create index runs_by_reality on runs (virtual, started_at, id);
  create index runs_by_uid on runs (uid, started_at, id);
  create index runs_by_uuid on runs (canbus_uuid, started_at, id);
  create index runs_unfinished on runs (status) where status in ('running', 'interrupted');

  create table images (
    run_id integer not null references runs (id) on delete cascade,
    target text not null,
    result text not null,
    name text not null,
    sha256 text not null,
    size integer not null,
    mcu text,
    version text,
    source_commit text,
    cache_key text,
    origin text not null,
    imported_from text,
    -- JSON: sources, recipe, toolchain, as the cache's record has them.
    build text,
    primary key (run_id, target)
  ) strict, without rowid;
  create index images_by_sha256 on images (sha256);

  -- Every image that a run was about to write to a real board, once: the cache asks often.
  create table held_images (sha256 text primary key) strict, without rowid;

  -- How often a run erased which sector.
  create table erases (
    run_id integer not null references runs (id) on delete cascade,
    address integer not null,
    size integer not null,
    times integer not null,
    primary key (run_id, address)
  ) strict, without rowid;
  `,
  `
  -- The same build is on a hundred boards: its record is kept once.
  create table builds (
    id integer primary key,
    -- JSON: sources, recipe, toolchain, as the cache's record has them.
    build text not null unique
  ) strict;
  insert into builds (build) select distinct build from images where build is not null;
  alter table images add column build_id integer references builds (id);
  update images set build_id = (select id from builds where builds.build = images.build)
    where build is not null;
  alter table images drop column build;

  -- What a search looks at, lower case.
  alter table runs add column words text not null default '';
  update runs set words = lower(
    concat_ws(' ', port_path, slot, preset_id, variant_id, mcu, operator, uid, canbus_uuid, error_code) || ' ' ||
    coalesce((select group_concat(concat_ws(' ', name, version, source_commit, sha256), ' ')
              from images where run_id = runs.id), '')
  );
  -- All that a filter asks for, in the order of the list: no row is read that is not shown.
  create index runs_by_filter on runs (started_at, id, virtual, status, preset_id, operator, session, words);
  drop index runs_by_time;
  drop index runs_by_reality;
  `,
  `
  -- The same, with the place that a board was in.
  create index runs_by_filters on runs
    (started_at, id, virtual, status, preset_id, operator, session, slot, port_path, words);
  drop index runs_by_filter;
  `,
  `
  -- Such a run was done only once the bridge was seen on USB; the state that says so came later.
  update runs set state = 'running-bridge'
    where kind = 'flash-board' and status = 'done' and state = 'katapult-verified';
  `,
  `
  -- The backup of the flash that a run took before it wrote, or put back.
  alter table runs add column backup_id text;
  `,
  `
  -- Whether the UUID was confirmed or only computed from the chip; null where that was not yet recorded.
  alter table runs add column canbus_uuid_source text;
  `,
  `
  -- The crystal that was found on a board that stayed silent.
  alter table runs add column crystal_hz integer;
  `,
  `
  -- An image is of a part of flash: which firmware it is it says itself.
  alter table images rename column target to part;
  update images set part = case part when 'katapult' then 'bootloader' else 'application' end;
  `,
  `
  -- A board can be reached in other ways than a USB port: the column says which one.
  alter table runs rename column port_path to place;
  -- The words begin with where the board was.
  update runs set place = 'usb:' || place, words = 'usb:' || words,
    error = replace(error, '"portPath":"', '"place":"usb:');
  `,
];
