import { describe, expect, it } from 'vitest';
import { DfuPort } from '../../../app/flash/dfu-port.ts';
import { DfuSession } from '../../../app/flash/dfu-session.ts';
import { removeReadProtection } from '../../../app/flash/dfu-unprotect.ts';
import { parseMemoryLayout } from '../../../app/protocols/dfuse/memory-layout.ts';
import { JumpingClock, ScriptedLink } from './dfu-scripted-link.ts';

const layout = parseMemoryLayout('@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg');
const unprotect = '21 01 0000 0000 0001 -> 92';
const getStatus = 'a1 03 0000 0000 0006 <-';
const busy = `${getStatus} 00 64 00 00 04 00`;

function sessionOver(script: readonly string[]) {
  const link = new ScriptedLink(script);
  const clock = new JumpingClock();
  if (!layout) throw new Error('no layout');
  return {
    session: new DfuSession(new DfuPort(link, 0), clock, {
      layout,
      alternateSetting: 0,
      transferSize: 2048,
      pointer: null,
    }),
    link,
    clock,
  };
}

describe('removing read protection', () => {
  it('sends nothing without a confirmation', async () => {
    const { session, link } = sessionOver([]);
    await expect(removeReadProtection(session, { confirmed: false })).rejects.toMatchObject({
      code: 'dfu/unprotect-not-confirmed',
    });
    expect(link.timeoutsMs).toEqual([]);
  });

  it.each(['link/gone', 'link/io'])('is done when the device drops off (%s)', async (code) => {
    const { session, link, clock } = sessionOver([unprotect, busy, `${getStatus} ${code}`]);
    let started = false;
    await removeReadProtection(session, { confirmed: true, onStart: () => (started = true) });
    expect(started).toBe(true);
    expect(link.left).toEqual([]);
    expect(clock.waitsMs).toEqual([100]);
    expect(Math.min(...link.timeoutsMs.slice(1))).toBeGreaterThanOrEqual(40_000);
  });

  it('is done when the device replies once more that it is ready', async () => {
    const { session } = sessionOver([unprotect, busy, `${getStatus} 00 00 00 00 05 00`]);
    await removeReadProtection(session, { confirmed: true });
  });

  it('fails where the device is gone before it said that it began', async () => {
    const { session } = sessionOver([unprotect, `${getStatus} link/gone`]);
    await expect(removeReadProtection(session, { confirmed: true })).rejects.toMatchObject({
      code: 'link/gone',
    });
  });

  it('fails with the error that the device reports', async () => {
    const { session } = sessionOver([unprotect, busy, `${getStatus} 0e 00 00 00 0a 00`]);
    await expect(removeReadProtection(session, { confirmed: true })).rejects.toMatchObject({
      code: 'dfu/device-error',
      details: { bStatus: 'errUNKNOWN', operation: 'unprotect' },
    });
  });

  it('fails where the device does not begin', async () => {
    const { session } = sessionOver([unprotect, `${getStatus} 00 00 00 00 05 00`]);
    await expect(removeReadProtection(session, { confirmed: true })).rejects.toMatchObject({
      code: 'dfu/device-error',
    });
  });

  it('fails where it never ends', async () => {
    const { session, clock } = sessionOver([unprotect, ...Array.from({ length: 500 }, () => busy)]);
    await expect(removeReadProtection(session, { confirmed: true })).rejects.toMatchObject({
      code: 'dfu/stuck-busy',
    });
    expect(clock.nowMs()).toBe(40_000);
  });
});
