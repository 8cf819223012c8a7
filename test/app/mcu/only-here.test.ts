import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const app = join(import.meta.dirname, '../../../app');

/** Files outside `app/mcu` that may name a chip in code, each with its reason. */
const allowed = new Map([
  ['app/image/known-faults.ts', 'a range of Klipper that is broken on one chip'],
  ['app/contract/entries/sim.ts', 'the chips that virtual boards have'],
  ['app/build/recipe.ts', 'an example in the text of a refusal'],
  ['app/errors/katapult.ts', 'advice about a chip that is no bridge'],
]);

/** What a chip or a family is called in Klipper, without the comments. */
function namesChip(code: string): boolean {
  const told = code.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  return /stm32[a-z]\d|MACH_|STM32_[A-Z]|0x1fff[0-9a-f]{4}\b|0x0800_?0000/.test(told);
}

it('knows chips in app/mcu only, so that a family is a file there and a row in its table', () => {
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `app/${name.replaceAll('\\', '/')}`);
  const naming = files.filter(
    (file) => !file.startsWith('app/mcu/') && namesChip(readFileSync(join(app, '..', file), 'utf8')),
  );
  expect(files.length).toBeGreaterThan(200);
  expect(naming.sort()).toEqual([...allowed.keys()].sort());
});
