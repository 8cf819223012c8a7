import { execFile } from 'node:child_process';
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import type { SshAccess } from '../../../main/shell/ssh/ssh-access.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { accessTo } from './ssh-fixture.ts';

const execute = promisify(execFile);

async function logIn(target: string, access: SshAccess): Promise<void> {
  const connection = await connectSsh(await resolveDestination(parseSshTarget(target), access), access);
  connection.end();
}

async function refusalOf(target: string, access: SshAccess): Promise<CanopusError> {
  const error: unknown = await logIn(target, access).catch((each: unknown) => each);
  if (isCanopusError(error)) return error;
  throw new Error('it logged in', { cause: error });
}

/** What `ssh-keygen -t ed25519-sk` writes, without the hardware: PROTOCOL.key and PROTOCOL.u2f of OpenSSH. */
function securityKeyFile(): string {
  const text = (value: string | Buffer): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const type = 'sk-ssh-ed25519@openssh.com';
  const publicKey = Buffer.concat([text(type), text(Buffer.alloc(32, 7)), text('ssh:')]);
  const one = Buffer.from([0, 0, 0, 1]);
  const head = Buffer.from('openssh-key-v1\0');
  const body = Buffer.concat([
    head,
    text('none'),
    text('none'),
    text(''),
    one,
    text(publicKey),
    text(Buffer.alloc(64)),
  ]);
  const lines = body.toString('base64').replace(/.{1,70}/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}-----END OPENSSH PRIVATE KEY-----\n`;
}

describe('keys', () => {
  let server: OpenSshServer;
  let agent: string;
  let agentPid: number;
  const address = (): string => `${server.user}@127.0.0.1:${server.port}`;

  beforeAll(async () => {
    // Two refused keys and the server hangs up: what is offered first matters.
    server = await startOpenSshServer({ config: ['MaxAuthTries 2'] });
    agent = join(server.folder, 'agent');
    const { stdout } = await execute('ssh-agent', ['-s', '-a', agent]);
    agentPid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
    for (let n = 0; n < 5; n += 1) {
      const stranger = join(server.folder, `stranger${n}`);
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger]);
      await add(stranger);
    }
    await add(server.keyFile);
  });
  afterAll(async () => {
    process.kill(agentPid);
    await server[Symbol.asyncDispose]();
  });

  async function add(keyFile: string): Promise<void> {
    await execute('ssh-add', ['-q', keyFile], { env: { ...process.env, SSH_AUTH_SOCK: agent } });
  }

  /** A home with these files in its .ssh; null copies the key that the server takes. */
  async function homeWith(
    files: Readonly<Record<string, string | null>>,
    changes: Partial<SshAccess> = {},
  ): Promise<SshAccess> {
    const home = await mkdtemp(join(server.folder, 'home-'));
    await mkdir(join(home, '.ssh'));
    for (const [name, text] of Object.entries(files)) {
      const path = join(home, '.ssh', name);
      if (text === null) await copyFile(server.keyFile, path);
      else await writeFile(path, text.replaceAll('HOME', home));
      await chmod(path, 0o600);
    }
    const sshConfigFile = 'config' in files ? join(home, '.ssh', 'config') : null;
    return accessTo(server, { keyFiles: [], homeDirectory: home, sshConfigFile, ...changes });
  }

  const truncated = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk';
  const publicOnly = () => readFile(`${server.keyFile}.pub`, 'utf8');

  it.each([
    ['for a security key', () => securityKeyFile(), /FIDO/],
    ['cut off', () => truncated, /no complete private key/],
    ['empty', () => '', /no complete private key/],
    ['the public one only', publicOnly, /public key/],
    ['far too long', () => 'x'.repeat(300 << 10), /too long/],
  ])('that lie in ~/.ssh and are %s stop nothing, and are named in the end', async (_, text, why) => {
    const bad = await text();
    await logIn(address(), await homeWith({ id_ed25519: bad, id_ecdsa: null }));
    const error = await refusalOf(address(), await homeWith({ id_ed25519: bad }));
    expect(error.code).toBe('ssh/auth-failed');
    expect(error.message).toMatch(/could not use .*id_ed25519 \(/);
    expect(error.message).toMatch(why);

    const access = await homeWith({ mine: bad, id_ed25519: null });
    const explicit = { ...access, keyFiles: [join(access.homeDirectory, '.ssh', 'mine')] };
    const refused = await refusalOf(address(), explicit);
    expect(refused.code).toBe('ssh/key-unreadable');
    expect(refused.message).toMatch(why);
  });

  it('that are folders or not to be read stop nothing either', async () => {
    const access = await homeWith({ id_ecdsa: null });
    await mkdir(join(access.homeDirectory, '.ssh', 'id_ed25519'));
    await logIn(address(), access);
    await rm(join(access.homeDirectory, '.ssh', 'id_ecdsa'));
    expect((await refusalOf(address(), access)).message).toMatch(/id_ed25519 \(cannot be read \(EISDIR\)\)/);
  });

  it.skipIf(process.getuid?.() === 0)('that another user owns stop nothing', async () => {
    const access = await homeWith({ id_ed25519: 'x', id_ecdsa: null });
    await chmod(join(access.homeDirectory, '.ssh', 'id_ed25519'), 0);
    await logIn(address(), access);
  });

  it('of the agent come first where a .pub file or a private one names them', async () => {
    const named = { 'pi.pub': await publicOnly(), config: 'IdentityFile ~/.ssh/pi.pub\n' };
    await logIn(address(), await homeWith(named, { agent }));
    await logIn(address(), await homeWith({ id_ed25519: null }, { agent }));
    expect((await refusalOf(address(), await homeWith({}, { agent }))).code).toBe('ssh/auth-failed');
  });

  it('of the agent are the only ones that are offered with IdentitiesOnly', async () => {
    const config = 'IdentitiesOnly yes\nIdentityFile ~/.ssh/pi.pub\n';
    await logIn(address(), await homeWith({ 'pi.pub': await publicOnly(), config }, { agent }));
    const other = await readFile(join(server.folder, 'stranger3.pub'), 'utf8');
    const error = await refusalOf(address(), await homeWith({ 'pi.pub': other, config }, { agent }));
    expect(error.details['tried']).toEqual(['agent']);
  });

  it('that --key names by their public half are taken from the agent', async () => {
    const access = await homeWith({}, { agent, keyFiles: [`${server.keyFile}.pub`] });
    await logIn(address(), access);
    const error = await refusalOf(address(), { ...access, agent: null });
    expect(error.code).toBe('ssh/key-unreadable');
    expect(error.message).toContain('no agent holds its private key');
  });

  it('come from the agent that IdentityAgent names, and from none', async () => {
    const pub = await publicOnly();
    const at = (value: string) => ({
      'pi.pub': pub,
      config: `IdentityAgent ${value}\nIdentityFile ~/.ssh/pi.pub\n`,
    });
    await logIn(address(), await homeWith(at(agent)));
    await logIn(address(), await homeWith(at(`"${agent}"`)));
    await logIn(address(), await homeWith(at('SSH_AUTH_SOCK'), { agent }));
    process.env['CANOPUS_TEST_AGENT'] = agent;
    await logIn(address(), await homeWith(at('$CANOPUS_TEST_AGENT')));
    await logIn(address(), await homeWith(at('${CANOPUS_TEST_AGENT}')));
    delete process.env['CANOPUS_TEST_AGENT'];
    expect((await refusalOf(address(), await homeWith(at('none'), { agent }))).details['tried']).toEqual([]);
    const gone = await refusalOf(address(), await homeWith(at('HOME/no-agent'), { agent }));
    expect(gone.message).toMatch(/agent \(no reply at .*no-agent\)/);
  });

  it('are chosen by Match, and Match exec is named where the login fails', async () => {
    const config = `Host pi\n HostName 127.0.0.1\n Port ${server.port}\nMatch host 127.0.0.1 originalhost pi user ${server.user}\n IdentityFile ~/.ssh/mine\n`;
    await logIn(`${server.user}@pi`, await homeWith({ mine: null, config }));
    expect((await refusalOf(`other@pi`, await homeWith({ mine: null, config }))).code).toBe(
      'ssh/auth-failed',
    );
    const exec = `Match exec "touch HOME/ran"\n IdentityFile ~/.ssh/mine\n`;
    const access = await homeWith({ mine: null, config: exec });
    expect((await refusalOf(address(), access)).message).toMatch(/not read: Match exec \(.*config:1\)/);
    await expect(readFile(join(access.homeDirectory, 'ran'))).rejects.toThrow();
  });

  it('of a host are looked up under its HostKeyAlias, without a port', async () => {
    const known = join(server.folder, 'aliased');
    const [, ...key] = (await server.knownHostsLine()).split(' ');
    await writeFile(known, `the-printer ${key.join(' ')}`);
    const config = 'HostKeyAlias the-printer\n';
    await logIn(address(), await homeWith({ id_ed25519: null, config }, { knownHostsFiles: [known] }));
    const other = await homeWith({ id_ed25519: null }, { knownHostsFiles: [known] });
    expect((await refusalOf(address(), other)).code).toBe('ssh/host-key-unknown');
  });

  it('of a user whom the server does not take (AllowUsers) are refused as a login, not as a network', async () => {
    await using strict = await startOpenSshServer({ config: ['AllowUsers another'] });
    const access = await accessTo(strict);
    const error = await refusalOf(`${strict.user}@127.0.0.1:${strict.port}`, access);
    expect(error.code).toBe('ssh/auth-failed');
    expect(error.details['tried']).toEqual([strict.keyFile]);
  });

  it('lead through several jumps, each with its own user and port', async () => {
    await using first = await startOpenSshServer();
    await using second = await startOpenSshServer();
    for (const hop of [first, second]) {
      await appendFile(join(hop.folder, 'authorized_keys'), await publicOnly());
    }
    const hop = ({ user, port }: OpenSshServer) => `${user}@127.0.0.1:${port}`;
    const config = `Host pi\n HostName 127.0.0.1\n Port ${server.port}\n ProxyJump ${hop(first)},ssh://${hop(second)}\n`;
    const access = await homeWith({ id_ed25519: null, config });
    await appendFile(
      join(server.folder, 'known_hosts'),
      `${await first.knownHostsLine()}${await second.knownHostsLine()}`,
    );
    await logIn(`${server.user}@pi`, access);
    expect(first.log()).toContain('Accepted publickey');
    expect(second.log()).toContain('Accepted publickey');
  });

  it('do not help where a ProxyCommand is needed: that is named, with its place', async () => {
    const access = await homeWith({ id_ed25519: null, config: 'Host 127.*\n ProxyCommand touch HOME/ran\n' });
    const error = await refusalOf(address(), access);
    expect(error).toMatchObject({ code: 'ssh/config-unsupported', details: { setting: 'ProxyCommand' } });
    expect(error.message).toMatch(/config:2 reaches 127\.0\.0\.1 through a ProxyCommand/);
    await expect(readFile(join(access.homeDirectory, 'ran'))).rejects.toThrow();
  });
});
