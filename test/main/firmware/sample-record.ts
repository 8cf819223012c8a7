import { storedInfoOf } from '../../../app/build/image-record.ts';
import type { ImageRecord } from '../../../app/build/image-record.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import type { ImageParts } from '../../../main/firmware/image-cache.ts';
import { sha256Of } from '../../../main/files/hashed-json.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';

export interface Sample {
  readonly record: ImageRecord;
  readonly parts: ImageParts;
}

/** A built Klipper image with its record; another `seed` is another image under another key. */
export async function sample(seed: number): Promise<Sample> {
  const image = makeKlipperImage({ seed });
  const config = Buffer.from(`CONFIG_SEED=${seed}\n`);
  const log = Buffer.from('  Compiling out/src/main.o\n');
  const info = storedInfoOf(await inspectImage(image));
  const record: ImageRecord = {
    format: 1,
    key: sha256Of(Buffer.from(`key ${seed}`)),
    origin: 'built',
    info,
    presetId: 'btt-octopus:f446',
    build: {
      target: 'klipper',
      recipe: {
        mcu: 'stm32f446xx',
        crystalHz: 12_000_000,
        applicationOffset: 0x8000,
        role: 'bridge',
        canPins: ['PD0', 'PD1'],
        bitrateBps: 1_000_000,
        extra: { katapult: {}, klipper: {} },
      },
      source: {
        location: '/home/pi/klipper',
        ref: null,
        commit: 'a'.repeat(40),
        treeId: 'b'.repeat(40),
        version: 'v0.13.0-730-gcafe00000',
        dirty: false,
      },
      toolchain: { identity: 'c'.repeat(32), tools: [] },
      config: sha256Of(config),
      log: sha256Of(log),
      machine: 'this computer',
      host: 'bench',
      station: '0.1.0',
      durationMs: 8_000,
    },
    importedFrom: null,
    createdAt: '2026-11-21T01:02:03.004Z',
  };
  return { record, parts: { image, config, log } };
}
