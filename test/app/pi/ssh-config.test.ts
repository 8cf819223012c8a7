import { describe, expect, it } from 'vitest';
import { readSshConfig } from '../../../app/pi/ssh-config.ts';

describe('an ssh_config', () => {
  it('lets the first value win and collects key files', () => {
    const text = `
User everybody
Host voron *.voron !bad.voron
  HostName %h.local
  Port=2222
  IdentityFile "~/.ssh/my key"
  IdentityFile ~/.ssh/second
Host *
  User later
  Port 22
  IdentitiesOnly yes
`;
    expect(readSshConfig(text, 'voron')).toEqual({
      hostName: 'voron.local',
      user: 'everybody',
      port: 2222,
      identityFiles: ['~/.ssh/my key', '~/.ssh/second'],
      identitiesOnly: true,
      proxyJump: null,
      knownHostsFiles: null,
    });
    expect(readSshConfig(text, 'bad.voron').hostName).toBeNull();
    expect(readSshConfig(text, 'a.voron').port).toBe(2222);
  });

  it('reads jumps, and "none" as no jump', () => {
    expect(readSshConfig('ProxyJump me@a:22,b', 'x').proxyJump).toEqual(['me@a:22', 'b']);
    expect(readSshConfig('ProxyJump none', 'x').proxyJump).toEqual([]);
  });

  it('passes over Match blocks, comments, and lines that make no sense', () => {
    const text = 'Match exec "true"\n User wrong\nMatch all\n# User comment\n User right\nPort banana\n?!\n';
    expect(readSshConfig(text, 'x')).toMatchObject({ user: 'right', port: null });
  });

  it('takes the pattern characters * and ? and nothing else', () => {
    expect(readSshConfig('Host a.c\nUser dot', 'abc').user).toBeNull();
    expect(readSshConfig('Host a?c\nUser any', 'abc').user).toBe('any');
    expect(readSshConfig('Host A*\nUser case', 'abc').user).toBe('case');
  });
});
