import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../../../app/contract/station-contract.ts';
import { JobLog } from '../../../../renderer/features/flow/job-log.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const at = '2026-01-01T12:00:00.000Z';
const phase: JobEvent = { type: 'phase', phase: 'erase', safeToStop: false };
const line = (text: string): JobEvent => ({ type: 'line', target: 'klipper', level: 'plain', text });

function stationWith(events: readonly JobEvent[]): ScriptedStation {
  return new ScriptedStation({
    'jobs.watch': async function* (_, { after }) {
      await Promise.resolve();
      for (const [index, event] of events.entries()) {
        if (index >= after) yield { seq: index + 1, event: { at, event } };
      }
    },
  });
}

describe('the log of a job', () => {
  it('has it from its start, in words', async () => {
    using station = stationWith([phase, line('Compiling out/src/sched.o')]);
    const log = new JobLog(station.client, 'job-1');
    await waitFor(() => expect(log.lines).toHaveLength(2));
    expect(log.lines.map(({ text }) => text)).toEqual([texts.phases.erase, 'Compiling out/src/sched.o']);
    expect(log.lines.map(({ number }) => number)).toEqual([1, 2]);
    log.close();
  });

  it('leaves out what only moves the progress bar', async () => {
    const progress = (bytesDone: number): JobEvent => ({
      ...{ type: 'progress', phase: 'write', bytesDone, bytesTotal: 4096 },
    });
    using station = stationWith([progress(2048), progress(4096)]);
    const log = new JobLog(station.client, 'job-1');
    await waitFor(() => expect(log.lines.map(({ text }) => text)).toEqual(['Writing: 4.0 KiB']));
    log.close();
  });

  it('ends with the failure, marked as such', async () => {
    const error = {
      code: 'link/gone',
      message: 'The board is gone.',
      state: 'unknown',
      details: {},
    } as const;
    using station = stationWith([{ type: 'ended', status: 'failed', error }]);
    const log = new JobLog(station.client, 'job-1');
    await waitFor(() => expect(log.lines).toHaveLength(1));
    expect(log.lines[0]).toMatchObject({ level: 'error', text: 'Failed: The board is gone.' });
    log.close();
  });

  it('lets go of the oldest lines of a long build', async () => {
    using station = stationWith(Array.from({ length: 2500 }, (_, n) => line(`line ${n}`)));
    const log = new JobLog(station.client, 'job-1');
    await waitFor(() => expect(log.lines.at(-1)?.text).toBe('line 2499'));
    expect(log.lines).toHaveLength(2000);
    expect(log.lines[0]?.text).toBe('line 500');
    log.close();
  });
});
