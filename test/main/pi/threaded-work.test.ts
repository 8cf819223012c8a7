import { describe, expect, it } from 'vitest';
import { hereAndNow } from '../../../app/pi/facts-work.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { PiSession } from '../../../app/pi/pi-session.ts';
import { threadedWork } from '../../../main/pi/threaded-work.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { forgedPi } from '../../fixtures/forged-pi.ts';

/** How often others had a turn while the work lasted. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let [turns, isOver] = [0, false];
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work;
  } finally {
    isOver = true;
  }
  return turns;
}

describe('what a Pi sent', () => {
  it('is worked on beside the thread that serves others where it is much, with the same outcome', async () => {
    const host = forgedPi('sections', 1 << 19);
    const session = new PiSession(host, { clock: systemClock, now: () => new Date(), random: Math.random });
    let facts = null as Awaited<ReturnType<typeof host.look>> | null;
    const looked = await turnsDuring(host.look().then((found) => (facts = found)));
    const planned = await turnsDuring(session.plan(defaultWishes));
    const checked = await turnsDuring(session.doctor(defaultWishes));
    // Here and now it would be none, or the few between one work and the next.
    for (const turns of [looked, planned, checked]) expect(turns).toBeGreaterThan(100);
    if (facts === null) throw new Error('nothing was seen');
    const input = { facts, printers: [], wishes: defaultWishes, records: [] };
    expect(await threadedWork.do('plan', input)).toEqual(await hereAndNow.do('plan', input));
  });

  it('is refused by the same code there as here', async () => {
    const text = `${' '.repeat(1 << 17)}\n@nonce mounts\n${'a / ext4 rw\n'.repeat(20_000)}\n@nonce end\n`;
    const input = { text, nonce: 'nonce', nowMs: 0 };
    for (const work of [threadedWork, hereAndNow]) {
      await expect(work.do('facts', input)).rejects.toMatchObject({ code: 'pi/bad-report' });
    }
    await expect(hereAndNow.do('facts', { text: '', nonce: 'n', nowMs: 0 })).rejects.toMatchObject({
      code: 'pi/bad-report',
    });
  });

  it('is given up at once where a person cancels', async () => {
    const stop = new AbortController();
    const host = forgedPi('sections', 1 << 20);
    const looking = host.look(stop.signal);
    setImmediate(() => stop.abort());
    await expect(looking).rejects.toMatchObject({ code: 'cancelled' });
  });
});
