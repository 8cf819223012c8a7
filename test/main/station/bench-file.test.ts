import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { emptyBench } from '../../../app/bench/bench-state.ts';
import { emptySlotMap } from '../../../app/bench/slot-map.ts';
import { openBenchFile } from '../../../main/station/bench/bench-file.ts';
import { f446 } from '../../app/bench/bench-fixture.ts';

it('keeps the recipes of a bench whose file names images by their firmware', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-bench-'));
  try {
    const path = join(folder, 'bench.json');
    const { bootloader, application } = f446.images;
    const old = { ...f446, images: { katapult: bootloader, klipper: application } };
    const kept = { format: 1, map: emptySlotMap, state: { ...emptyBench, recipes: [old] } };
    await writeFile(path, JSON.stringify(kept));
    const faults: unknown[] = [];
    const file = await openBenchFile(path, (fault) => faults.push(fault));
    expect(file.current.state.recipes).toEqual([f446]);
    await file.save(file.current);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      state: { recipes: [{ images: { bootloader, application } }] },
    });
    expect(faults).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
