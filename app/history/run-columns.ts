import type { RunImage, RunRecord } from './run-record.ts';

/** The columns of a table of runs for other programs, one row per run. Names are stable; new ones go to the end. */
export const runColumns = [
  ...[
    'run',
    'started_at',
    'ended_at',
    'duration_s',
    'outcome',
    'kind',
    'virtual',
    'uid',
    'canbus_uuid',
    'preset',
  ],
  ...[
    'variant',
    'mcu',
    'port',
    'slot',
    'operator',
    'host',
    'canopus',
    'left_as',
    'error_code',
    'error',
    'session',
  ],
  ...['katapult_result', 'katapult_version', 'katapult_sha256', 'katapult_source', 'katapult_commit'],
  ...['klipper_result', 'klipper_version', 'klipper_sha256', 'klipper_source', 'klipper_commit'],
  ...['crystal_hz', 'can_pins', 'bitrate_bps', 'toolchain'],
  ...['erase_s', 'write_s', 'verify_s'],
  ...['backup', 'canbus_uuid_source'],
] as const;

/** One run as a row; empty if a run has no such thing. */
export function runRow(run: RunRecord): Record<string, string | number> {
  const katapult = run.images.find(({ part }) => part === 'bootloader');
  const klipper = run.images.find(({ part }) => part === 'application');
  const recipe = (klipper ?? katapult)?.build?.recipe;
  return {
    run: run.id,
    started_at: run.startedAt,
    ended_at: run.endedAt ?? '',
    duration_s: run.endedAt === null ? '' : seconds(Date.parse(run.endedAt) - Date.parse(run.startedAt)),
    outcome: run.status,
    kind: run.kind,
    virtual: run.virtual ? 'yes' : 'no',
    uid: run.uid ?? '',
    canbus_uuid: run.canbusUuid ?? '',
    preset: run.presetId ?? '',
    variant: run.variantId ?? '',
    mcu: run.mcu ?? '',
    port: run.place,
    slot: run.slot ?? '',
    operator: run.operator ?? '',
    host: run.host,
    canopus: run.station,
    left_as: run.state,
    error_code: run.error?.code ?? '',
    error: run.error?.message ?? '',
    session: run.session,
    ...imageCells('katapult', katapult),
    ...imageCells('klipper', klipper),
    crystal_hz: run.crystalHz ?? recipe?.crystalHz ?? '',
    can_pins: recipe?.canPins?.join('/') ?? '',
    bitrate_bps: recipe?.bitrateBps ?? '',
    toolchain: (klipper ?? katapult)?.build?.toolchain.identity ?? '',
    erase_s: phaseSeconds(run, 'erase'),
    write_s: phaseSeconds(run, 'write'),
    verify_s: phaseSeconds(run, 'verify'),
    backup: run.backupId ?? '',
    canbus_uuid_source: run.canbusUuidSource ?? '',
  };
}

function imageCells(target: 'katapult' | 'klipper', image: RunImage | undefined): Record<string, string> {
  return {
    [`${target}_result`]: image?.result ?? '',
    [`${target}_version`]: image?.version ?? '',
    [`${target}_sha256`]: image?.sha256 ?? '',
    [`${target}_source`]: image?.build?.source.location ?? image?.importedFrom ?? image?.name ?? '',
    [`${target}_commit`]: image?.build?.source.commit ?? '',
  };
}

function phaseSeconds({ phases }: RunRecord, name: string): string | number {
  const found = phases.filter(({ phase }) => phase === name);
  return found.length === 0 ? '' : seconds(found.reduce((sum, { durationMs }) => sum + durationMs, 0));
}

function seconds(ms: number): number {
  return Math.round(ms / 10) / 100;
}
