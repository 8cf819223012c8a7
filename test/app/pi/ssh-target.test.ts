import { describe, expect, it } from 'vitest';
import { describeSshTarget, parseSshTarget } from '../../../app/pi/ssh-target.ts';

describe('an SSH target', () => {
  it.each([
    ['voron', null, 'voron', null],
    ['pi@voron.local', 'pi', 'voron.local', null],
    ['pi@192.168.1.5:2222', 'pi', '192.168.1.5', 2222],
    ['pi@[fe80::1%eth0]:22', 'pi', 'fe80::1%eth0', 22],
    ['pi@fe80::1', 'pi', 'fe80::1', null],
    ['me@home.example@voron', 'me@home.example', 'voron', null],
    ['ssh://voron', null, 'voron', null],
    ['ssh://pi@voron:22', 'pi', 'voron', 22],
    ['SSH://pi@[fe80::1]:2222/', 'pi', 'fe80::1', 2222],
    ['ssh://me%40home@voron', 'me@home', 'voron', null],
  ])('%s', (text, user, host, port) => {
    expect(parseSshTarget(text)).toEqual({ user, host, port });
  });

  it.each([
    '',
    '@voron',
    'pi@',
    'pi@voron:',
    'pi@voron:0',
    'pi@voron:70000',
    'pi@voron:x',
    '-oProxyCommand=x',
    'a b',
    'ssh://',
    'ssh://pi@voron:x',
    'ssh://voron/etc',
  ])('refuses "%s"', (text) => {
    expect(() => parseSshTarget(text)).toThrow(expect.objectContaining({ code: 'usage/invalid' }));
  });

  it.each(['http://mainsail.local', 'https://mainsail.local:80/', 'HTTP://mainsail.local/#/'])(
    'names the computer of the web page %s',
    (text) => {
      expect(() => parseSshTarget(text)).toThrow(
        expect.objectContaining({ details: { target: text, webHost: 'mainsail.local' } }),
      );
    },
  );

  it('refuses a password in an address, and does not repeat it', () => {
    expect(() => parseSshTarget('ssh://pi:secret@voron')).toThrow(
      expect.objectContaining({
        code: 'usage/invalid',
        message: expect.not.stringContaining('secret') as string,
        details: { target: 'voron' },
      }),
    );
  });

  it('is described as it would be written', () => {
    expect(describeSshTarget({ user: 'pi', host: 'voron', port: 22 })).toBe('pi@voron');
    expect(describeSshTarget({ user: 'pi', host: 'fe80::1', port: 2222 })).toBe('pi@[fe80::1]:2222');
  });
});
