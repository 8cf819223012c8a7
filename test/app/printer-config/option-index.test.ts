import { describe, expect, it } from 'vitest';
import { parseConfigFile } from '../../../app/printer-config/config-file.ts';
import { readConfigTree, type ConfigTree } from '../../../app/printer-config/config-tree.ts';
import { canbusSections, editCanbus } from '../../../app/printer-config/set-canbus.ts';

/** A tree that counts how many of its statements are looked at. */
function countingTree(sections: number): { tree: ConfigTree; looks: () => number } {
  const text = Array.from({ length: sections }, (_, n) => `[mcu n${n}]\ncanbus_uuid: ${n}\nbaud: 1\n`).join(
    '',
  );
  const { main, files, statements, problems } = readConfigTree(parseConfigFile('/printer.cfg', text), []);
  let count = 0;
  const counted = new Proxy(statements, {
    get: (target, key) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) count += 1;
      return Reflect.get(target, key) as unknown;
    },
  });
  return { tree: { main, files, statements: counted, problems }, looks: () => count };
}

describe('the options of a large configuration', () => {
  it.each<[string, (tree: ConfigTree) => unknown]>([
    ['list the boards on the bus', canbusSections],
    [
      'edit one section',
      (tree) => editCanbus(tree, { section: 'mcu n7', canbusUuid: '0beb0175188a', canbusInterface: 'can1' }),
    ],
  ])('are looked at a fixed number of times to %s', (_, work) => {
    const looksPerStatement = [50, 500].map((sections) => {
      const { tree, looks } = countingTree(sections);
      work(tree);
      return looks() / tree.statements.length;
    });
    expect(Math.max(...looksPerStatement)).toBeLessThanOrEqual(4);
  });
});
