import { describe, expect, it } from 'vitest';
import { knownHostsOf, parseKnownHosts } from '../../main/shell/ssh/known-hosts.ts';
import { readSshConfig } from '../../app/pi/ssh-config.ts';
import { matchesGlob } from '../../app/printer-config/config-glob.ts';
import { matchesWildcard } from '../../app/wildcard.ts';
import { cases } from '../counts.ts';

/** Parts of patterns, each with the regular expression that says the same. */
const parts: readonly (readonly [string, string])[] = [
  ['*', '[^]*'],
  ['?', '[^]'],
  ['a', 'a'],
  ['b', 'b'],
  ['.', '\\.'],
  ['\\', '\\\\'],
  [']', '\\]'],
  ['[ab]', '[ab]'],
  ['[!a]', '[^a]'],
  ['[a-c]', '[a-c]'],
  ['[!a-b]', '[^a-b]'],
  ['[]]', '\\]'],
  ['[!]]', '[^\\]]'],
  ['[a-]', '[a-]'],
  ['[-a]', '[-a]'],
  ['[c-a]', '[]'],
  ['[!c-a]', '[^]'],
  ['[c-ab]', 'b'],
  ['[^a]', '[\\^a]'],
  ['[*?]', '[*?]'],
  ['[\\]', '\\\\'],
];
const characters = ['a', 'b', 'c', '.', ']', '-', '\\', '*', '^', '\n'];

describe('a wildcard', () => {
  it('says what a regular expression says, for random patterns', () => {
    let state = 20_260_101;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    let fits = 0;
    for (let n = 0; n < cases(100_000); n += 1) {
      const chosen = Array.from({ length: below(6) }, () => parts[below(parts.length)]!);
      const pattern = chosen.map(([each]) => each).join('');
      const text = Array.from({ length: below(6) }, () => characters[below(characters.length)]!).join('');
      const reference = new RegExp(`^${chosen.map(([, each]) => each).join('')}$`).test(text);
      const matched = matchesWildcard(text, pattern, { sets: true });
      if (matched !== reference)
        expect({ text, pattern, matched }).toEqual({ text, pattern, matched: reference });
      if (matched) fits += 1;
    }
    expect(fits).toBeGreaterThan(cases(5_000));
  });

  it.each([
    ['[a', 'a', false],
    ['[a', '[a', true],
    ['[!', '[!', true],
    ['[]', '[]', true],
    ['', '', true],
    ['*', '', true],
    ['?', '', false],
    ['?', '😀', true],
    ['[😀-😂]', '😁', true],
  ])('%s and %s: %s', (pattern, text, expected) => {
    expect(matchesWildcard(text, pattern, { sets: true })).toBe(expected);
  });

  it('takes brackets as they are where there are no sets, and any case where none counts', () => {
    expect(matchesWildcard('[ab]', '[ab]')).toBe(true);
    expect(matchesWildcard('a', '[ab]')).toBe(false);
    expect(matchesWildcard('VORON.local', 'voron*L', { ignoreCase: true })).toBe(true);
    expect(matchesWildcard('VORON', 'voron')).toBe(false);
  });

  it.each([
    ['ten stars', `${'*a'.repeat(10)}b`],
    ['ten stars and nothing else', `${'*'.repeat(10)}b`],
    ['a star and a long tail', `*${'a'.repeat(20)}b`],
    ['stars and sets', `${'*[a-z]'.repeat(10)}b`],
  ])('needs few steps for %s over 10,000 characters', (_, pattern) => {
    let steps = 0;
    expect(matchesWildcard('a'.repeat(10_000), pattern, { sets: true, onStep: () => (steps += 1) })).toBe(
      false,
    );
    expect(steps).toBeLessThan(10_000 * (pattern.length + 1));
  });
});

/** Each was a regular expression with a `.*` for every star; these took longer than anyone waits. */
describe('ten stars', () => {
  const pattern = `${'*a'.repeat(12)}b`;
  const name = 'a'.repeat(5_000);

  it('in a path of printer.cfg', () => {
    expect(matchesGlob(`/cfg/${name}`, `/cfg/${pattern}`)).toBe(false);
  });

  it('in ssh_config', () => {
    const entries = [
      { keyword: 'host', words: [pattern], place: 'config:1' },
      { keyword: 'user', words: ['x'], place: 'config:2' },
    ];
    expect(readSshConfig(entries, { host: name, user: null, localUser: 'me' }).user).toBeNull();
  });

  it('in known_hosts', () => {
    const hosts = parseKnownHosts(`${pattern} ssh-ed25519 AAAA\n`, 'known_hosts');
    expect(knownHostsOf(hosts, name)).toEqual([]);
  });
});
