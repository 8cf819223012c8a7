import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findDictionary } from '../../../app/image/dictionary.ts';
import { compareDictionaries, type DataDictionary } from '../../../app/printer/compare-dictionaries.ts';
import { argument } from '../../bench/arguments.ts';
import { openBench, recipe } from './bench.ts';
import { cloneTree } from './make-by-hand.ts';

/**
 * `npm run check:dictionaries -- --klipper DIR --at REF,REF…`: builds each version of a real tree for boards of three
 * families and holds our comparison of their dictionaries against Klipper's own reader (klippy/msgproto.py of that
 * tree), for all pairs. The tree is only read. Ends with 1 where they differ.
 */
const say = (line: string) => process.stdout.write(`${line}\n`);
const tree = argument('klipper');
const refs = argument('at')?.split(',') ?? [];
if (tree === null || refs.length === 0) {
  say('usage: npm run check:dictionaries -- --klipper DIR --at REF,REF');
  process.exit(2);
}
const boards = {
  'F446 bridge': recipe(),
  'F407 bridge': recipe({ mcu: 'stm32f407xx', crystalHz: 8_000_000 }),
  'F072 node': recipe({
    mcu: 'stm32f072xb',
    role: 'node',
    canPins: ['PB8', 'PB9'],
    applicationOffset: 0x2000,
  }),
};

const run = (program: string, args: readonly string[], input?: string): string => {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    input,
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
};

await using bench = await openBench();
const service = bench.service();
const copy = join(bench.folder, 'klipper');
await cloneTree(tree, copy);
const dictionaries: [string, DataDictionary][] = [];
let leftOut = 0;
for (const ref of refs) {
  run('git', [
    '-C',
    copy,
    'checkout',
    '-q',
    '--detach',
    run('git', ['-C', tree, 'rev-parse', `${ref}^{commit}`]).trim(),
  ]);
  for (const [board, wanted] of Object.entries(boards)) {
    const source = { type: 'folder', path: copy } as const;
    const order = { target: 'klipper', recipe: wanted, presetId: null, source, on: 'local' } as const;
    try {
      const search = findDictionary((await service.build(order)).bytes);
      if (search.found !== 'whole') throw new Error(`${ref}: an image without a dictionary`);
      dictionaries.push([`${board} ${ref}`, search.dictionary]);
    } catch (error) {
      leftOut += 1;
      say(`left out: ${board} ${ref}: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
    }
  }
}

const reader = join(import.meta.dirname, 'klipper-reader.py');
const judged = JSON.parse(run('python3', [reader, join(copy, 'klippy')], JSON.stringify(dictionaries))) as [
  string,
  string,
  string[],
][];
const known = new Map(dictionaries);
const verdicts = { 'same-code': 0, 'same-protocol': 0, must: 0 };
let failures = 0;
for (const [board, host, missing] of judged) {
  const { verdict, formats } = compareDictionaries(known.get(board)!, known.get(host)!);
  verdicts[verdict] += 1;
  const ours = formats.map((each) => each.host).toSorted();
  const isSame = JSON.stringify(ours) === JSON.stringify(missing.toSorted());
  const isItself = board !== host || verdict === 'same-code';
  if (isSame && isItself) continue;
  failures += 1;
  say(`FAIL ${board} with ${host}: ${verdict}, ours ${ours.join(' | ')}; Klipper's ${missing.join(' | ')}`);
}
say(
  `${judged.length} pairs of ${dictionaries.length} builds, ${leftOut} left out: ${JSON.stringify(verdicts)}`,
);
say(failures === 0 ? 'All as Klipper reads them.' : `${failures} not as Klipper reads them.`);
process.exitCode = failures === 0 && dictionaries.length > 0 ? 0 : 1;
