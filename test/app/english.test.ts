import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Phrases that read as translated, with the plain ones. docs/WORDS.md has the words. */
const inComments: readonly { readonly phrase: RegExp; readonly instead: string }[] = [
  { phrase: /\b(nobody|somebody|whoever)\b/i, instead: 'name the actor, or "unknown"' },
  { phrase: /\banswers (a|all|an|false|how|it|null|the|true|what|whether|with)\b/i, instead: 'returns' },
  { phrase: /\brejects (with|as)\b|@throws\b/i, instead: 'Throws `code`' },
  { phrase: /\btells (how|nothing|of|that|the|which|whether)\b/i, instead: 'returns, reports or shows' },
  { phrase: /\bshall\b/i, instead: 'must, or the plain present' },
  { phrase: /\b(empty|false|null|true|undefined) where\b/i, instead: 'null if' },
  { phrase: /\bvouch(es)? for\b|\bheld against\b/i, instead: 'confirms, is checked against' },
];

const inTexts = /\b(nobody|somebody|whoever|shall)\b/i;

function sources(folder: string): readonly { readonly path: string; readonly lines: readonly string[] }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|svelte|mjs)$/.test(name))
    .map((name) => ({
      path: `${folder}/${name}`,
      lines: readFileSync(join(root, folder, name), 'utf8').split('\n'),
    }));
}

const all = ['app', 'main', 'renderer', 'resources'].flatMap(sources);

const comment = /^\s*(\/\/|\/?\*|<!--)|(?<=\s)\/\/ .*$/;
const text = /'[^'\n]* [^'\n]*'|"[^"\n]* [^"\n]*"|`[^`\n]* [^`\n]*`/g;

it('is plain in comments: functions return and throw, actors have names, conditions are ifs', () => {
  const found = all.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) =>
      inComments
        .filter(({ phrase }) => comment.test(line) && phrase.test(line))
        .map(({ instead }) => `${path}:${index + 1} ${line.trim()} (instead: ${instead})`),
    ),
  );
  expect(found).toEqual([]);
});

it('is plain in what a person reads', () => {
  const found = all.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) =>
      comment.test(line)
        ? []
        : (line.match(text) ?? [])
            .filter((words) => inTexts.test(words))
            .map((words) => `${path}:${index + 1} ${words}`),
    ),
  );
  expect(found).toEqual([]);
});

it.each([
  '// Answers the next one.',
  '  /** Null where nobody said. */',
  ' * Rejects with `link/closed`.',
  'const a = 1; // what it shall be',
  '/** What it tells of itself, held against the preset. */',
])('finds %s', (line) => {
  expect(comment.test(line) && inComments.some(({ phrase }) => phrase.test(line))).toBe(true);
});
