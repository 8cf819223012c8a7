import { describe, expect, it } from 'vitest';
import { isLoopback, parseListen, urlHost } from '../../../../main/hosts/headless/listen-address.ts';

describe('the address to listen on', () => {
  it.each([
    ['127.0.0.1:8455', '127.0.0.1:8455'],
    ['8455', '127.0.0.1:8455'],
    ['localhost:0', '127.0.0.1:0'],
    ['[::1]:80', '[::1]:80'],
    ['0.0.0.0:443', '0.0.0.0:443'],
  ])('%s is %s', (text, expected) => {
    expect(urlHost(parseListen(text))).toBe(expected);
  });

  it.each([
    '',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    'printer.local:80',
    '::1:80',
    '1.2.3:80',
    ' 80',
    '-1',
  ])('is not %j', (text) => {
    expect(() => parseListen(text)).toThrow(expect.objectContaining({ code: 'usage/invalid' }));
  });

  it('is loopback or not', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1'].some(isLoopback)).toBe(false);
  });
});
