import { expect, it } from 'vitest';
import { quoted } from '../../app/quoted.ts';

it.each([
  ['plain words', 'plain words'],
  ['  two\r\nlines\tand a tab \n', 'two lines and a tab'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]52;c;cm0gLXJm\u001b\\text', 'text'],
  ['a\u0008\u007f\u009b2Jb', 'a2Jb'],
  ['\u202egnirts', 'gnirts'],
  ['naïve 日本', 'naïve 日本'],
])('%j is shown as %j', (text, shown) => {
  expect(quoted(text)).toBe(shown);
});

it('is cut', () => {
  expect(quoted('x'.repeat(1_000_000), 10)).toBe('xxxxxxxxx…');
  expect(quoted('\u001b[1m'.repeat(1_000_000), 10)).toBe('');
});
