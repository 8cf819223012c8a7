import { beforeEach, describe, expect, it } from 'vitest';
import { Quitting } from '../../../../main/hosts/electron/quitting.ts';
import { ElectronStandIn } from './electron-stand-in.ts';

let electron: ElectronStandIn;
let logged: string[];
let stayed: number;
/** Ends the work that hangs. */
let release: () => void;

beforeEach(() => {
  electron = new ElectronStandIn();
  logged = [];
  stayed = 0;
});

function quitting({ running = 1, patienceMs = 60_000 } = {}): Quitting {
  const write = (_: object, message: string): void => void logged.push(message);
  const work = new Promise<void>((resolve) => (release = resolve));
  const made = new Quitting({
    api: electron,
    log: { info: write, warn: write, error: write },
    running: () => running,
    close: () => work,
    onStay: () => {
      stayed += 1;
      electron.happened.tell();
    },
    patienceMs,
  });
  electron.app.on('before-quit', (event) => made.onBeforeQuit(event));
  return made;
}

describe('quitting while a board is written', () => {
  it('stays on request', async () => {
    quitting();
    electron.answer = 0;
    electron.app.quit();
    await electron.happened.until(() => stayed === 1);
    expect(electron.quits).toBe(0);
    electron.app.quit();
    await electron.happened.until(() => stayed === 2);
  });

  it('waits for the safe point, whatever is pressed meanwhile', async () => {
    quitting();
    electron.replies.push(1, 0, 0);
    electron.app.quit();
    await electron.happened.until(() => electron.messages.length === 1);
    await settled();
    electron.app.quit();
    await electron.happened.until(() => electron.messages.length === 2);
    expect(electron.messages).toEqual(['Work is still running', 'Work has not reached a safe point yet']);
    expect([electron.quits, electron.exitCode]).toEqual([0, null]);
    await settled();
    release();
    await electron.happened.until(() => electron.quits === 1);
    expect(electron.exitCode).toBeNull();
  });

  it('that hangs asks after its time, and is cut only by the person', async () => {
    quitting({ patienceMs: 1 });
    electron.replies.push(1, 0, 0, 1);
    electron.app.quit();
    await electron.happened.until(() => electron.exitCode !== null);
    expect(electron.exitCode).toBe(1);
    expect(electron.messages).toHaveLength(4);
    expect(electron.quits).toBe(0);
    expect(logged).toContain('quit before the work was at a safe point');
  });

  it('takes the question back when the work ends before it is replied to', async () => {
    quitting({ patienceMs: 1 });
    electron.replies.push(1, 'never');
    electron.app.quit();
    await electron.happened.until(() => electron.messages.length === 2);
    release();
    await electron.happened.until(() => electron.quits === 1);
    expect(electron.exitCode).toBeNull();
  });

  it('does not ask where nothing runs', async () => {
    quitting({ running: 0 });
    electron.app.quit();
    release();
    await electron.happened.until(() => electron.quits === 1);
    expect(electron.messages).toEqual([]);
  });
});

/** Lets what was started by a reply run as far as it can. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
