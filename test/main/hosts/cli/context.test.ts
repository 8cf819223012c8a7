import { describe, expect, it } from 'vitest';
import { CanopusError, type ErrorCode } from '../../../../app/errors.ts';
import { stateText } from '../../../../app/errors/left-states.ts';
import { nextStep } from '../../../../app/errors/next-step.ts';
import { hostPlatform } from '../../../../main/devices/native-errors.ts';
import { createCliContext, type CliIo, type CliReport } from '../../../../main/hosts/cli/context.ts';
import { exitCodeFor } from '../../../../main/hosts/cli/exit-code.ts';

const reader = { surface: 'terminal', system: hostPlatform } as const;

async function run(
  json: boolean,
  work: (io: CliIo) => Promise<CliReport>,
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const seen = { stdout: '', stderr: '' };
  const context = createCliContext({
    stdout: { write: (text) => (seen.stdout += text) },
    stderr: { write: (text) => (seen.stderr += text) },
  });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await context.run({ json }, work);
    return { ...seen, exitCode: process.exitCode };
  } finally {
    process.exitCode = before;
  }
}

describe('a command with --json', () => {
  it('prints one event a line and a report last', async () => {
    const result = await run(true, (io) => {
      io.emit({ type: 'note', text: 'one' });
      io.print('not for scripts');
      return Promise.resolve({ answer: 42 });
    });
    expect(result).toEqual({
      stdout: '{"type":"note","text":"one"}\n{"type":"report","answer":42}\n',
      stderr: '',
      exitCode: 0,
    });
  });

  it('ends a failure with its code, message, state and next step', async () => {
    const error = new CanopusError('link/gone', 'The board left port 1-1.', {}, { state: 'dfu-partial' });
    const result = await run(true, () => Promise.reject(error));
    expect(JSON.parse(result.stdout)).toEqual({
      type: 'error',
      code: 'link/gone',
      message: 'The board left port 1-1.',
      state: 'dfu-partial',
      next: nextStep('link/gone', reader),
      details: {},
    });
    expect(result.exitCode).toBe(4);
  });
});

describe('a command for people', () => {
  it('says what happened, what the board holds and what to do next', async () => {
    const error = new CanopusError(
      'dfu/erase-failed',
      'Sector 2 at 0x08008000.',
      {},
      { state: 'dfu-partial' },
    );
    const { stdout, stderr } = await run(false, () => Promise.reject(error));
    expect(stdout).toBe('');
    expect(stderr).toContain('Sector 2 at 0x08008000.');
    expect(stderr).toContain(stateText('dfu-partial', 'terminal'));
    expect(stderr).toContain(nextStep('dfu/erase-failed', reader));
  });
});

describe('exitCodeFor', () => {
  const of = (code: ErrorCode, state?: 'untouched' | 'dfu-partial'): number =>
    exitCodeFor(new CanopusError(code, 'x', {}, state ? { state } : {}));

  it('distinguishes usage, refusal, a lost device, failure and cancelling', () => {
    expect(of('usage/invalid')).toBe(2);
    expect(of('preset/unknown')).toBe(2);
    expect(of('image/wrong-mcu')).toBe(3);
    expect(of('katapult/wrong-address', 'untouched')).toBe(3);
    expect(of('device/not-found')).toBe(4);
    expect(of('link/gone', 'dfu-partial')).toBe(4);
    expect(of('dfu/verify-mismatch', 'dfu-partial')).toBe(5);
    expect(of('cancelled', 'untouched')).toBe(130);
  });

  it('never calls a board that was written to refused', () => {
    expect(of('dfu/read-protected', 'dfu-partial')).toBe(5);
  });
});
