import { expect, it } from 'vitest';
import type { JobView } from '../../../app/contract/station-contract.ts';
import type { TableEvent } from '../../../app/contract/live-table.ts';
import { awakeCommand, stayAwakeWhileWorking } from '../../../main/hosts/keep-awake.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

it('keeps the computer awake from the first job to the end of the last', async () => {
  const seen: string[] = [];
  const job = (id: string, endedAt: string | null) => ({ id, endedAt }) as JobView;
  async function* jobs(): AsyncGenerator<TableEvent<JobView>> {
    const steps = [job('a', null), job('b', null), job('a', 'now'), job('b', 'now'), job('c', null)];
    yield { type: 'all', items: [] };
    for (const item of steps) {
      yield await Promise.resolve({ type: 'item', item });
      seen.push(item.id);
    }
  }
  await stayAwakeWhileWorking({
    jobs: jobs(),
    log,
    keep: () => {
      seen.push('awake');
      return () => seen.push('asleep');
    },
  });
  expect(seen).toEqual(['awake', 'a', 'b', 'a', 'asleep', 'b', 'awake', 'c', 'asleep']);
});

it.each([
  ['linux', /^systemd-inhibit .*--what=sleep.* cat$/],
  ['darwin', /^caffeinate -i -w 4711$/],
  ['win32', /^powershell.exe .*SetThreadExecutionState\(\[uint32\]2147483649\).*ReadToEnd\(\)$/],
] as const)('has a program on %s that ends with this one', (platform, words) => {
  expect(awakeCommand(platform, 4711)?.join(' ')).toMatch(words);
});

it('does without on a system that has none', () => {
  expect(awakeCommand('freebsd', 4711)).toBeNull();
});
