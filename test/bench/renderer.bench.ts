import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { launchChromium, openWindow } from '../e2e/browser.ts';
import { BusyStation } from './busy-station.ts';
import { duration, median, printTable } from './table.ts';

/** The window: what it loads, when it shows something, and how it bears a full bench. */

const boards = 64;
const eventsPerSecond = 20;
const measuredMs = 15_000;

const gzipBytes = (file: string): number => gzipSync(readFileSync(file)).length;

/** Everything that the page asked for as JavaScript before it showed its first board. */
async function firstScripts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => path.endsWith('.js')),
  );
}

/** From the start of the navigation to the frame that has the boards in it. */
async function firstUsefulPaintMs(page: Page): Promise<number> {
  await page.reload({ waitUntil: 'commit' });
  return page.evaluate(
    () =>
      new Promise<number>((seen) => {
        const look = (): void => {
          const isThere = document.querySelector('article') !== null;
          requestAnimationFrame(() => (isThere ? seen(performance.now()) : look()));
        };
        look();
      }),
  );
}

interface Observed {
  /** Numbers of the first board with the time of their frame, in ms of the epoch. */
  readonly seen: [number, number][];
  /** Milliseconds of each long task. */
  readonly tasks: number[];
}

declare global {
  /** Of the page. */
  var observed: Observed;
}

/** Remembers long tasks, and when each number that the station counts is in a frame on the screen. */
function observe(page: Page): Promise<void> {
  return page.evaluate(() => {
    const kept: Observed = { seen: [], tasks: [] };
    globalThis.observed = kept;
    new PerformanceObserver((list) => {
      for (const { duration: ms } of list.getEntries()) kept.tasks.push(ms);
    }).observe({ type: 'longtask' });
    const [card] = document.querySelectorAll('article');
    let last = -1;
    new MutationObserver(() => {
      const count = Number(/(\d+) B of/.exec(card?.textContent ?? '')?.[1] ?? -1);
      if (count === last) return;
      last = count;
      // The frame that this change belongs to is painted before the next one begins.
      requestAnimationFrame(() => kept.seen.push([count, performance.timeOrigin + performance.now()]));
    }).observe(card ?? document.body, { subtree: true, childList: true, characterData: true });
  });
}

const observed = (page: Page): Promise<Observed> => page.evaluate(() => globalThis.observed);

const browser = await launchChromium();
try {
  await using station = await BusyStation.open(boards);
  const { page } = await openWindow(browser, station.link());
  await page
    .locator('article')
    .nth(boards - 1)
    .waitFor();
  const scripts = await firstScripts(page);
  const scriptBytes = scripts
    .map((path) => gzipBytes(join(resolve('out/renderer'), path)))
    .reduce((sum, bytes) => sum + bytes, 0);

  const paints: number[] = [];
  for (let round = 0; round < 5; round += 1) paints.push(await firstUsefulPaintMs(page));
  await page
    .locator('article')
    .nth(boards - 1)
    .waitFor();

  await observe(page);
  const sent = await station.work(eventsPerSecond, measuredMs);
  const { seen, tasks } = await observed(page);
  const delays = seen.flatMap(([count, atMs]) => {
    const sentMs = sent.get(count);
    return sentMs === undefined ? [] : [atMs - sentMs];
  });
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const sorted = delays.toSorted((a, b) => a - b);

  printTable('Window (headless host, Chromium)', [
    {
      what: `JavaScript before the first boards are shown, gzip (${scripts.length} files)`,
      measured: `${(scriptBytes / 1024).toFixed(1)} KB`,
      aim: 'under 150 KB',
    },
    {
      what: `first useful paint, with ${boards} boards on the bench`,
      measured: duration(median(paints)),
      aim: 'under 500 ms',
    },
    {
      what: `${boards} boards, ${eventsPerSecond} events a second each, ${measuredMs / 1000} s: tasks over 50 ms`,
      measured: `${tasks.length}${tasks.length > 0 ? `, longest ${duration(Math.max(...tasks))}` : ''}`,
      aim: 'none',
    },
    {
      what: 'the same: heap of the page',
      measured: `${(usedSize / 2 ** 20).toFixed(0)} MB`,
      aim: 'under 250 MB',
    },
    {
      what: `the same: event in the station to its frame, median of ${delays.length}`,
      measured: duration(median(delays)),
      aim: 'under 50 ms',
    },
    {
      what: 'the same: 19 of 20 within',
      measured: duration(sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN),
    },
  ]);
} finally {
  await browser.close();
}
