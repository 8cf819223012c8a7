import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argument } from '../bench/arguments.ts';
import { launchChromium } from './browser.ts';
import { walks } from './scenes.ts';
import { smallPng } from './small-png.ts';
import { Stage } from './stage.ts';

/** `npm run screens [-- --to FOLDER --only NAME --sizes]`: pictures of every screen and state, light and dark. */

const folder = argument('to') ?? join('docs', 'screens');
const only = argument('only');
const sizes = process.argv.includes('--sizes')
  ? [[1280, 800] as const, [1024, 640] as const, [420, 800] as const]
  : [[1280, 800] as const];

await mkdir(folder, { recursive: true });
const browser = await launchChromium();
try {
  for (const { name: walk, bench, files, scenes } of walks) {
    if (only !== null && only !== walk) continue;
    await using stage = await Stage.open(browser, bench, files);
    for (const { name, reach } of scenes) {
      await reach(stage);
      for (const [width, height] of sizes) {
        await stage.page.setViewportSize({ width, height });
        for (const colorScheme of ['light', 'dark'] as const) {
          await stage.colour(colorScheme);
          const size = width === 1280 ? '' : `-${width}`;
          await writeFile(
            join(folder, `${name}${size}-${colorScheme}.png`),
            smallPng(await stage.page.screenshot()),
          );
        }
      }
      await stage.page.setViewportSize({ width: 1280, height: 800 });
    }
  }
} finally {
  await browser.close();
}
