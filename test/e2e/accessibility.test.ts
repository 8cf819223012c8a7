import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './browser.ts';
import { walks } from './scenes.ts';
import { Stage } from './stage.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

/** The findings of axe on the current page, as lines to read. */
async function findings({ page }: Stage): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** What sticks out to the right of the window: nothing must have to be scrolled to sideways. */
async function overflowPx({ page }: Stage): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

describe.each(walks)('every screen of the walk "$name"', ({ bench, files, scenes }) => {
  it(
    'has no findings in light and dark, and fits into the smallest window',
    { timeout: 600_000 },
    async () => {
      await using stage = await Stage.open(browser, bench, files);
      const found: Record<string, unknown> = {};
      for (const { name, reach } of scenes) {
        await reach(stage);
        for (const colorScheme of ['light', 'dark'] as const) {
          await stage.colour(colorScheme);
          const lines = await findings(stage);
          if (lines.length > 0) found[`${name}, ${colorScheme}`] = lines;
        }
        await stage.page.setViewportSize({ width: 420, height: 800 });
        const overflow = await overflowPx(stage);
        if (overflow > 0) found[`${name}, narrow`] = `${overflow} px too wide`;
        await stage.page.setViewportSize({ width: 1280, height: 800 });
      }
      expect(found).toEqual({});
      expect(stage.window.faults).toEqual([]);
    },
  );
});
