import { ChildProcess } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PnpFeed } from '../../../main/devices/windows/pnp-feed.ts';

class Lister extends ChildProcess {
  readonly output = new PassThrough();
  wasKilled = false;
  override kill(): boolean {
    this.wasKilled = true;
    return true;
  }
  override unref(): void {
    // No process stands behind it.
  }
}

const line = (at: number): string =>
  `${JSON.stringify({ at, devices: [{ id: 'USB\\VID_0483&PID_DF11\\X', service: 'WinUSB' }] })}\r\n`;

function feedOf(): { feed: PnpFeed; lister: Lister; started: () => number } {
  const lister = new Lister();
  let started = 0;
  const feed = new PnpFeed(() => {
    started += 1;
    return { process: lister, output: lister.output };
  });
  return { feed, lister, started: () => started };
}

describe("Windows' device list", () => {
  it('is waited for at first and then always the newest, each with a hint', async () => {
    const { feed, lister, started } = feedOf();
    let hints = 0;
    const hinted = new Promise<void>((resolve) => {
      feed.watch(() => {
        hints += 1;
        if (hints === 2) resolve();
      });
    });
    const first = feed.read();
    lister.output.write(line(1).slice(0, 9));
    lister.output.write(line(1).slice(9));
    expect((await first)?.readAtMs).toBe(1);
    lister.output.write(`WARNING: something\r\n${line(2)}`);
    await hinted;
    expect((await feed.read())?.readAtMs).toBe(2);
    expect(started()).toBe(1);
    feed.close();
    expect(lister.wasKilled).toBe(true);
  });

  it('is none where PowerShell cannot be started, or has ended', async () => {
    const failed = feedOf();
    const reading = failed.feed.read();
    failed.lister.emit('error', new Error('ENOENT'));
    expect(await reading).toBeNull();
    const ended = feedOf();
    const first = ended.feed.read();
    ended.lister.output.write(line(1));
    await first;
    ended.lister.emit('exit', 1);
    expect(await ended.feed.read()).toBeNull();
  });
});
