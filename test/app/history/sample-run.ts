import { firmwareOf } from '../../../app/build/recipe.ts';
import type { ImagePart } from '../../../app/image/image-parts.ts';
import type { RunRecord } from '../../../app/history/run-record.ts';

/** The record of a run that took an Octopus from DFU to a running bridge, with changes. */
export function sampleRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 1,
    kind: 'flash-board',
    virtual: false,
    status: 'done',
    session: 'today',
    startedAt: '2026-05-04T08:00:00.000Z',
    updatedAt: '2026-05-04T08:00:40.000Z',
    endedAt: '2026-05-04T08:00:40.000Z',
    place: 'usb:1-4.2',
    slot: null,
    presetId: 'btt-octopus-v1.1',
    variantId: 'f446',
    mcu: 'stm32f446xx',
    bootloader: null,
    uid: '430014000A50534E4E313120',
    canbusUuid: '6beb0175188a',
    canbusUuidSource: 'confirmed',
    operator: 'Ada',
    host: 'bench-pc',
    station: '1.2.3',
    step: 'done',
    phase: null,
    state: 'running-bridge',
    phases: [],
    error: null,
    acknowledgedAt: null,
    backupId: null,
    crystalHz: null,
    images: [image('bootloader', 'v0.0.1-110'), image('application', 'v0.13.0-5')],
    ...changes,
  };
}

function image(part: ImagePart, version: string): RunRecord['images'][number] {
  return {
    part,
    result: 'verified',
    name: `${firmwareOf[part]}.bin`,
    sha256: (part === 'bootloader' ? 'a' : 'b').repeat(64),
    size: 4096,
    mcu: 'stm32f446xx',
    version,
    key: null,
    origin: 'file',
    importedFrom: null,
    build: null,
  };
}
