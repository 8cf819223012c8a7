import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HistoryBench } from './history-bench.ts';

it.skipIf(process.platform === 'win32')(
  'a history is for its user only, also one of an earlier version',
  async () => {
    using bench = new HistoryBench();
    (await bench.open())[Symbol.dispose]();
    chmodSync(bench.file, 0o644);
    const history = await bench.open();
    const files = readdirSync(bench.folder).filter((name) => name.startsWith('history.sqlite'));
    expect(files).toContain('history.sqlite-wal');
    for (const name of files)
      expect([name, statSync(join(bench.folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    history[Symbol.dispose]();
  },
);
