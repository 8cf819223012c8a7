import { render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JobView } from '../../../../app/contract/station-contract.ts';
import { secondNodeText } from '../../../../app/errors/second-node.ts';
import DoneStage from '../../../../renderer/features/flow/DoneStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { flow, job, uid } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const written = { bytesWritten: 4096, bytesVerified: 4096, sectorsErased: 1, sha256: 'a'.repeat(64), uid };
type Report = NonNullable<JobView['report']>;

async function show(
  bootloader: typeof written | null,
  canbusUuidSource: 'confirmed' | 'computed' = 'confirmed',
): Promise<void> {
  const report: Report = {
    ...{ kind: 'flash-board', place: 'usb:1-1', uid, canbusUuid: '6beb0175188a', mcu: 'stm32f446xx' },
    canbusUuidSource,
    seen: 'can-bridge',
    written: { bootloader, application: written },
    found: null,
  };
  const done = job({ status: 'done', report });
  const station = new ScriptedStation({});
  station.jobs.set(done);
  void station.state.open();
  await expect.poll(() => station.state.jobs.isKnown).toBe(true);
  const another = (): void => undefined;
  const shown = flow({ stage: 'done', place: 'usb:1-1', jobId: done.id, uid, canbusUuid: '6beb0175188a' });
  render(DoneStage, { station: station.state, flow: shown, another, remove: another });
  onTestFinished(() => station[Symbol.dispose]());
}

describe('a board that is done', () => {
  it('still needs a second node before can0 works', async () => {
    await show(written);
    expect(screen.getByText(secondNodeText)).toBeTruthy();
  });

  it('has a UUID that is called computed where nothing confirmed it', async () => {
    await show(written);
    expect(screen.queryByText('computed')).toBeNull();
    await show(written, 'computed');
    expect(screen.getByText('computed')).toBeTruthy();
  });

  it('is said to have got Katapult only where it did', async () => {
    await show(written);
    expect(screen.getByText(texts.flow.doneText(false))).toBeTruthy();
    await show(null);
    expect(screen.getByText(texts.flow.doneText(true))).toBeTruthy();
  });
});
