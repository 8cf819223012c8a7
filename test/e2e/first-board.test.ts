import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium } from './browser.ts';
import { CountedWay, type Stop } from './counted-way.ts';
import { Hands } from './hands.ts';
import { Stage } from './stage.ts';

/** The counts of the last change that lowered them; `CANOPUS_WRITE_COUNTS=1` writes them. */
const file = join(import.meta.dirname, '../../docs/first-board.md');

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

it('from the first start to a proven Pi takes no more clicks and words than docs/first-board.md says', async () => {
  await using stage = await Stage.open(browser, {
    boards: [
      { id: 'board', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', powered: false },
    ],
  });
  const { page } = stage;
  // Hints that come with time are for the person who is stuck.
  await page.clock.setFixedTime(Date.now());
  await Hands.show(page);
  const hands = stage.hands('board');
  const way = new CountedWay(page);
  const enabled = (name: string) => stage.button(name).and(page.locator(':enabled'));

  await way.stop('bench', page.getByText(texts.bench.emptyTitle));
  await way.click(stage.button(texts.bench.setUp));
  await way.stop('printer', page.getByRole('button', { name: /Virtual Pi/ }));
  await way.click(page.getByRole('button', { name: /Virtual Pi/ }));
  await way.stop('key of the Pi', stage.button(texts.pi.trust));
  await way.click(stage.button(texts.pi.trust));
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await way.stop('plug in', page.getByText(texts.picker.plugInFirst));
  await hands.intoDfu();
  await way.stop('boards', page.getByText(texts.picker.whichWord));
  await way.click(page.getByRole('button', { name: /Octopus Pro v1.0/ }));
  await way.stop('board', stage.button(texts.picker.useAndWrite));
  await way.click(enabled(texts.picker.useAndWrite));
  await way.stop('heaters', page.getByRole('heading', { name: texts.flow.gateTitle }));
  await way.click(stage.button(texts.flow.isSo));
  await way.stop('jumper off', page.getByRole('heading', { name: texts.flow.fromDfu }));
  await hands.outOfDfu();
  await way.stop('plan', stage.button(texts.pi.apply));
  await way.click(stage.button(texts.pi.apply));
  await way.stop('done', page.getByRole('heading', { name: texts.flow.doneTitle }));
  expect(stage.window.faults).toEqual([]);

  const report = pageOf(way);
  process.stdout.write(report);
  if (process.env['CANOPUS_WRITE_COUNTS'] === '1') await writeFile(file, report);
  const most = totalOf(await readFile(file, 'utf8'));
  const { total } = way;
  for (const name of ['clicks', 'words', 'fields', 'disabled'] as const) {
    expect(total[name], name).toBeLessThanOrEqual(most[name]);
  }
});

function pageOf(way: CountedWay): string {
  const row = ({ name, clicks, words, fields, disabled }: Stop): string =>
    `| ${name} | ${clicks} | ${words} | ${fields} | ${disabled} |`;
  return `# The first board

What a newcomer does and reads from the first start to a proven Pi, for one Octopus Pro v1.0 and the virtual Pi.
\`test/e2e/first-board.test.ts\` goes this way in a browser, counts, and fails if a total grows;
\`CANOPUS_WRITE_COUNTS=1\` writes this page anew. Words are those on no screen before; text in closed folds, the sidebar and
what the hands do at the board are not counted. A disabled button is one that cannot be pressed when its screen appears.

| screen | clicks | words | fields | disabled buttons |
|---|---|---|---|---|
${[...way.stops, way.total].map(row).join('\n')}
`;
}

/** The last row of the table. */
function totalOf(text: string): Stop {
  const [, clicks, words, fields, disabled] =
    /^\| total \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/m.exec(text) ?? [];
  return {
    name: 'total',
    clicks: Number(clicks),
    words: Number(words),
    fields: Number(fields),
    disabled: Number(disabled),
  };
}
