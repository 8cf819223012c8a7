import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { verifyCache } from '../../../main/firmware/cache-upkeep.ts';
import { cases } from '../../counts.ts';
import { Random } from '../../fixtures/random.ts';
import { buildProgram } from '../../main/firmware/run-program.ts';
import { openKept } from './programs/kept-things.ts';

const rounds = cases(25, 4);

describe('a station that is killed', () => {
  it('at random moments has everything that it said was kept', { timeout: 300_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'canopus-kill-'));
    await using program = await buildProgram(new URL('programs/keep-forever.ts', import.meta.url));
    const random = new Random(815);
    const images = new Set<string>();
    try {
      for (let round = 0; round < rounds; round += 1) {
        const first = 1000 * round + 1;
        const running = program.start([folder, String(first)]);
        await running.until('keeping');
        await sleep(random.below(400));
        running.child.kill('SIGKILL');
        expect(await running.ended).toBe('SIGKILL');
        // The last line may be cut off: then it was not said.
        const lines = running.output().split('\n').slice(0, -1);
        const last = (what: string): number =>
          Number(lines.findLast((line) => line.startsWith(`${what} `))?.split(' ')[1] ?? first - 1000);
        for (const line of lines) if (line.startsWith('image ')) images.add(line.slice('image '.length));

        const { settings, list, cache, reported } = await openKept(folder);
        // What came next may have been kept and not been said.
        if (lines.some((line) => line.startsWith('settings ')))
          expect([last('settings'), last('settings') + 1]).toContain(Number(settings.current.operator));
        if (lines.some((line) => line.startsWith('list '))) {
          const [{ id } = { id: '' }] = list.current;
          expect([last('list'), last('list') + 1]).toContain(Number(id.split('-')[0]));
          expect(list.current).toHaveLength(40);
        }
        const keys = new Set(await cache.keys());
        expect([...images].filter((key) => !keys.has(key))).toEqual([]);
        expect(reported).toEqual([]);
        expect(await verifyCache(cache)).toMatchObject({ damaged: [] });
      }
      expect(images.size).toBeGreaterThanOrEqual(rounds);
      const names = await readdir(join(folder, 'data'));
      expect(names.filter((name) => /unreadable|set-aside/.test(name))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
