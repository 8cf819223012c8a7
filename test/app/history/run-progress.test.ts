import { describe, expect, it } from 'vitest';
import { newProgress, progressAfter, type RunEvent } from '../../../app/history/run-progress.ts';

const seen = (mode: 'dfu' | 'katapult' | 'can-bridge' | 'klipper-serial'): RunEvent => ({
  type: 'seen',
  mode,
  uid: null,
  canbusUuid: null,
});
const phase = (name: 'erase' | 'write' | 'verify'): RunEvent => ({
  type: 'phase',
  phase: name,
  safeToStop: false,
});
const readBack: RunEvent = { type: 'progress', phase: 'verify', bytesDone: 9, bytesTotal: 9 };
const katapult: readonly RunEvent[] = [{ type: 'step', step: 'install-katapult' }, phase('erase'), readBack];
const klipper: readonly RunEvent[] = [{ type: 'step', step: 'install-klipper' }, phase('write'), readBack];

function after(...events: readonly RunEvent[]) {
  return events.reduce((progress, event) => progressAfter(progress, event, 0), newProgress('flash-board'));
}

describe('the state that a run leaves', () => {
  it('follows from the mode that comes back after a write, never from the write alone', () => {
    expect(after(...katapult).state).toBe('dfu-written');
    expect(after(...katapult, seen('dfu')).state).toBe('dfu-written');
    expect(after(...katapult, seen('katapult')).state).toBe('running-katapult');
    const whole = [...katapult, seen('katapult'), ...klipper];
    expect(after(...whole).state).toBe('katapult-verified');
    expect(after(...whole, seen('katapult')).state).toBe('katapult-verified');
    expect(after(...whole, seen('klipper-serial')).state).toBe('running-klipper');
    expect(after(...whole, seen('can-bridge')).state).toBe('running-bridge');
  });

  it('is nothing where the firmware that was there before is seen', () => {
    expect(after(seen('can-bridge'), seen('katapult')).state).toBe('untouched');
  });

  it('drops the result of Klipper when Katapult is written once more', () => {
    const again = [...katapult, seen('katapult'), ...klipper, seen('dfu'), ...katapult];
    const progress = after(...again, seen('katapult'));
    expect(progress.state).toBe('running-katapult');
    expect(progress.results).toEqual({ bootloader: 'verified', application: 'partial' });
  });
});
