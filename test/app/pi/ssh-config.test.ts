import { describe, expect, it } from 'vitest';
import { splitConfigLine, type SshConfigEntry } from '../../../app/pi/ssh-config-line.ts';
import { readSshConfig, type SshHostSettings } from '../../../app/pi/ssh-config.ts';
import { expandSshTokens } from '../../../app/pi/ssh-tokens.ts';

/** `Include NAME` stands for the text of that name. */
function entriesOf(text: string, files: Readonly<Record<string, string>> = {}): SshConfigEntry[] {
  return text.split('\n').flatMap((line, index): SshConfigEntry[] => {
    const entry = splitConfigLine(line);
    if (entry === null) return [];
    if (entry.keyword !== 'include') return [{ ...entry, place: `config:${index + 1}` }];
    return [{ included: entriesOf(files[entry.words[0] ?? ''] ?? '', files) }];
  });
}

function read(
  text: string,
  host: string,
  more: { user?: string; files?: Readonly<Record<string, string>> } = {},
): SshHostSettings {
  return readSshConfig(entriesOf(text, more.files), { host, user: more.user ?? null, localUser: 'me' });
}

describe('an ssh_config', () => {
  it('lets the first value win and collects key files', () => {
    const text = `
User everybody
Host voron *.voron !bad.voron
  HostName %h.local
  Port=2222
  IdentityFile "~/.ssh/my key"
  IdentityFile ~/.ssh/second
  HostKeyAlias my-voron
  IdentityAgent ~/.1password/agent.sock
Host *
  User later
  Port 22
  IdentitiesOnly yes
  IdentityAgent none
`;
    expect(read(text, 'voron')).toEqual({
      hostName: 'voron.local',
      user: 'everybody',
      port: 2222,
      hostKeyAlias: 'my-voron',
      identityFiles: ['~/.ssh/my key', '~/.ssh/second'],
      identitiesOnly: true,
      identityAgent: '~/.1password/agent.sock',
      proxyJump: null,
      proxyCommandAt: null,
      knownHostsFiles: null,
      passedOver: [],
    });
    expect(read(text, 'bad.voron').hostName).toBeNull();
    expect(read(text, 'bad.voron').identityAgent).toBe('none');
    expect(read(text, 'a.voron').port).toBe(2222);
  });

  it('reads jumps, and "none" as no jump', () => {
    expect(read('ProxyJump me@a:22,b', 'x').proxyJump).toEqual(['me@a:22', 'b']);
    expect(read('ProxyJump none', 'x').proxyJump).toEqual([]);
  });

  it('lets the first of ProxyJump and ProxyCommand win, and names the place of a command', () => {
    const command = 'ProxyCommand nc -X connect %h %p';
    expect(read(`Host a\n ${command}`, 'a')).toMatchObject({ proxyCommandAt: 'config:2', proxyJump: [] });
    expect(read(`Host a\n ${command}`, 'b')).toMatchObject({ proxyCommandAt: null, proxyJump: null });
    expect(read(`ProxyJump gate\n${command}`, 'a')).toMatchObject({
      proxyCommandAt: null,
      proxyJump: ['gate'],
    });
    expect(read(`${command}\nProxyJump gate`, 'a')).toMatchObject({
      proxyCommandAt: 'config:1',
      proxyJump: [],
    });
    expect(read(`ProxyCommand none\nProxyJump gate`, 'a')).toMatchObject({
      proxyCommandAt: null,
      proxyJump: [],
    });
  });

  it.each([
    ['all', true],
    ['host pi.local', true],
    ['host pi', false],
    ['originalhost pi', true],
    ['originalhost PI,other', true],
    ['!originalhost pi', false],
    ['host *.local user root', false],
    ['host *.local user admin', true],
    ['host=*.local user=admin', true],
    ['user "!root,*"', true],
    ['localuser me', true],
    ['localuser you', false],
    ['!all', false],
    ['host', false],
  ])('Match %s', (conditions, applies) => {
    const text = `Host pi\n HostName pi.local\n User admin\nMatch ${conditions}\n Port 2222\n`;
    expect(read(text, 'pi')).toMatchObject({ port: applies ? 2222 : null, passedOver: [] });
  });

  it('lets the user of the target count for Match', () => {
    expect(read('User a\nMatch user b\nPort 5', 'x', { user: 'b' }).port).toBe(5);
  });

  it('runs nothing for Match exec, and says that it passed it over where the rest of the line fits', () => {
    const text =
      'Match exec "true"\n User wrong\nMatch host x exec "true"\n Port 1\nMatch host y exec "true"\n Port 2\nMatch final\n Port 3\n';
    expect(read(text, 'x')).toMatchObject({
      user: null,
      port: null,
      passedOver: ['Match exec (config:1)', 'Match exec (config:3)', 'Match final (config:7)'],
    });
  });

  it('keeps an included file inside the block that includes it', () => {
    const files = { inner: 'Port 1\nHost other\n User inner\nHost *\n User all' };
    expect(read('Host a\n Include inner\n HostName a.local\n', 'a', { files })).toMatchObject({
      port: 1,
      user: 'all',
      hostName: 'a.local',
    });
    expect(read('Host a\n Include inner\n HostName a.local\n', 'other', { files })).toMatchObject({
      port: null,
      user: null,
      hostName: null,
    });
  });

  it('passes over comments and lines that make no sense, and names what it cannot use', () => {
    const text = '# User comment\nUser right # and why\nPort banana\n?!\nCertificateFile x\n';
    expect(read(text, 'x')).toMatchObject({
      user: 'right',
      port: null,
      passedOver: ['certificatefile (config:5)'],
    });
  });

  it('takes the pattern characters * and ? and nothing else', () => {
    expect(read('Host a.c\nUser dot', 'abc').user).toBeNull();
    expect(read('Host a?c\nUser any', 'abc').user).toBe('any');
    expect(read('Host A*\nUser case', 'abc').user).toBe('case');
  });

  it.each([
    ['IdentityAgent \\\\.\\pipe\\openssh-ssh-agent', ['\\\\.\\pipe\\openssh-ssh-agent']],
    ['IdentityFile "C:\\Users\\a b\\.ssh\\id"', ['C:\\Users\\a b\\.ssh\\id']],
    ["IdentityFile 'one two' three", ['one two', 'three']],
    ['IdentityFile a\\"b', ['a"b']],
    ['IdentityFile=a#b', ['a#b']],
    ['IdentityFile a #b', ['a']],
    ['IdentityFile "" x', ['', 'x']],
  ])('splits %s', (line, words) => {
    expect(splitConfigLine(line)?.words).toEqual(words);
  });
});

describe('the tokens of ssh_config', () => {
  const of = {
    homeDirectory: '/home/me',
    localUser: 'me',
    localHost: 'bench.example.org',
    environment: (name: string) => (name === 'RUNTIME' ? '/run/user/1000' : undefined),
    host: 'pi.local',
    originalHost: 'pi',
    hostKeyAlias: null,
    port: 2222,
    user: 'admin',
    jump: 'gate',
    sha1: (text: string) => `<${text}>`,
  };

  it.each([
    ['~/.ssh/%n', '/home/me/.ssh/pi'],
    ['~', '/home/me'],
    ['~other/x', '~other/x'],
    ['%d/%h-%p-%r-%u', '/home/me/pi.local-2222-admin-me'],
    ['%L %l %k %j', 'bench bench.example.org pi gate'],
    ['%C', '<bench.example.orgpi.local2222admingate>'],
    ['100%% %h%%h', '100% pi.local%h'],
    ['${RUNTIME}/agent ${NONE}', '/run/user/1000/agent ${NONE}'],
    ['%Z', '%Z'],
  ])('%s', (text, expanded) => {
    expect(expandSshTokens(text, of)).toBe(expanded);
  });
});
