import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import { forgetHostKeys, OwnKnownHosts } from '../../../main/shell/ssh/own-known-hosts.ts';
import type { HostKeyQuestion, SshAccess } from '../../../main/shell/ssh/ssh-access.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { accessTo, noQuestions } from './ssh-fixture.ts';

const execute = promisify(execFile);

describe('the host keys that the station itself holds', () => {
  let server: OpenSshServer;
  const asked: HostKeyQuestion[] = [];
  beforeAll(async () => {
    server = await startOpenSshServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const trusting = {
    ...noQuestions,
    trustHostKey: (question: HostKeyQuestion) => Promise.resolve(asked.push(question) > 0),
  };
  const ours = (name: string): Promise<SshAccess> =>
    accessTo(server, {
      knownHostsFiles: [],
      ownKnownHostsFile: join(server.folder, name),
      questions: trusting,
    });

  async function logIn(access: SshAccess, to: OpenSshServer = server): Promise<void> {
    (await connectSsh(await resolveDestination(to, access), access)).end();
  }

  async function refusalOf(access: SshAccess): Promise<CanopusError> {
    const error: unknown = await logIn(access).catch((each: unknown) => each);
    if (isCanopusError(error)) return error;
    throw new Error('it logged in', { cause: error });
  }

  it('are shown old and new with their types where a server shows another, and are forgotten on demand', async () => {
    const access = await ours('forgotten');
    await new OwnKnownHosts(access.ownKnownHostsFile).add('other', Buffer.from('AAAA', 'base64'));
    await logIn(access);
    const before = await server.hostKeyFingerprint();
    await server.changeHostKey();
    const now = await server.hostKeyFingerprint();
    const name = `[127.0.0.1]:${server.port}`;

    const error = await refusalOf(access);
    expect(error.code).toBe('ssh/host-key-changed');
    expect(error.message).toBe(
      `${name} shows the ssh-ed25519 key ${now}, but the known one is ssh-ed25519 ${before} (${access.ownKnownHostsFile}:2)`,
    );
    expect(error.details).toMatchObject({ host: name, isOurs: 'yes' });

    const gone = [{ keyType: 'ssh-ed25519', fingerprint: before }];
    expect(await forgetHostKeys(name, access)).toEqual(gone);
    expect(await forgetHostKeys(`pi@127.0.0.1:${server.port}`, access)).toEqual([]);
    expect(await readFile(access.ownKnownHostsFile, 'utf8')).toMatch(/^other .*\n$/);
    asked.length = 0;
    await logIn(access);
    expect(asked.map(({ fingerprint }) => fingerprint)).toEqual([now]);
  });

  it('are not all where a file of the user holds one: that is named and never written', async () => {
    const access = await ours('with-user');
    const file = join(server.folder, 'users');
    await writeFile(file, `# mine\n${await server.knownHostsLine()}`);
    const text = await readFile(file, 'utf8');
    const both = { ...access, knownHostsFiles: [file] };
    await logIn(both);
    await server.changeHostKey();
    const error = await refusalOf(both);
    expect(error.details['isOurs']).toBeUndefined();
    expect(error.message).toContain(`${file}:2`);
    await forgetHostKeys(`127.0.0.1:${server.port}`, both);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect((await refusalOf(both)).code).toBe('ssh/host-key-changed');
  });

  it('follow a rotation that the server proves (UpdateHostKeys)', async () => {
    const next = join(server.folder, 'next_key');
    await execute('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', next]);
    await using both = await startOpenSshServer({ config: [`HostKey ${next}`] });
    const access = await accessTo(both, {
      knownHostsFiles: [],
      ownKnownHostsFile: join(both.folder, 'own'),
      questions: trusting,
    });
    const own = () => readFile(access.ownKnownHostsFile, 'utf8').catch(() => '');
    const destination = await resolveDestination(both, access);
    const connection = await connectSsh(destination, access);
    const [, blob = ''] = (await readFile(`${next}.pub`, 'utf8')).split(' ');
    await expect.poll(own, { timeout: 10_000 }).toContain(blob);
    connection.end();
    expect((await own()).split('\n').filter((line) => line !== '')).toHaveLength(2);

    // What it no longer shows is taken away, and nothing of another server.
    const kept = new OwnKnownHosts(access.ownKnownHostsFile);
    await kept.add('other', Buffer.from('AAAA', 'base64'));
    await kept.rotate(destination.hostKeyName, [Buffer.from(blob, 'base64')]);
    const lines = (await own()).split('\n');
    expect(lines.filter((line) => line.startsWith(destination.hostKeyName))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('other '))).toHaveLength(1);
  });

  it('are not written where a file of the user holds all that the server proves', async () => {
    const access = await accessTo(server, { ownKnownHostsFile: join(server.folder, 'not-written') });
    const connection = await connectSsh(await resolveDestination(server, access), access);
    const proven = new Promise((resolve) => connection.client.once('hostkeys', resolve));
    await proven;
    connection.end();
    await expect(readFile(access.ownKnownHostsFile)).rejects.toThrow();
  });

  it('keep every line where several are added at once', async () => {
    const file = join(server.folder, 'crowd');
    const one = (n: number) => new OwnKnownHosts(file).add(`host${n}`, Buffer.from([0, 0, 0, 1, 97, n]));
    await Promise.all(Array.from({ length: 10 }, (_, n) => one(n)));
    expect((await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')).toHaveLength(10);
  });

  it('of a certificate authority are not taken for keys of a host', async () => {
    const file = join(server.folder, 'authority');
    await writeFile(
      file,
      `@cert-authority * ${(await server.knownHostsLine()).split(' ').slice(1).join(' ')}`,
    );
    const access = await ours('ca');
    asked.length = 0;
    await logIn({ ...access, knownHostsFiles: [file] });
    expect(asked).toHaveLength(1);
  });
});
