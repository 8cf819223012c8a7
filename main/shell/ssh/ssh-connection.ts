import { cancelled } from '../../../app/cancelled.ts';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { Client, ServerHostKeyAlgorithm } from 'ssh2';
import { CanopusError } from '../../../app/errors.ts';
import { quoted } from '../../../app/quoted.ts';
import { describeSshTarget } from '../../../app/pi/ssh-target.ts';
import { HostKeyCheck } from './host-key-check.ts';
import type { SshAccess } from './ssh-access.ts';
import { SshAuthenticator, passwordExpired } from './ssh-auth.ts';
import type { SshDestination } from './ssh-destination.ts';
import { isDisconnect, toConnectError } from './ssh-errors.ts';

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Once for reaching the server, and once for logging in; a person's time to answer does not count. */
  readonly timeoutMs?: number;
  /** A silent server is asked for a sign of life this often, and given up after three in vain. */
  readonly keepaliveMs?: number;
}

/** A successful login. `client` stays inside main/pi. */
export interface SshConnection {
  readonly label: string;
  readonly client: Client;
  /** What the server said when it ended the connection; null if it said nothing. */
  readonly farewell: () => string | null;
  /**
   * True if several sessions may be open while one ends. Dropbear 2022.83 may end the whole connection then (`Failed
   * assertion (common-channel.c:705): !channel->sent_close`), seen on a busy computer.
   */
  readonly takesSessionsAhead: boolean;
  /** Ends this connection and those it goes through. */
  end(): void;
}

/** Of greetings and banners. */
const maxNotes = 3;
const defaultTimeoutMs = 20_000;
const defaultKeepaliveMs = 10_000;

/**
 * Connects and logs in, through the destination's jumps. Throws `cancelled` or one of `ssh/*`; a failed attempt leaves
 * nothing open.
 */
export async function connectSsh(
  destination: SshDestination,
  access: SshAccess,
  options: ConnectOptions = {},
): Promise<SshConnection> {
  const opened: SshConnection[] = [];
  const end = (): void => {
    for (const connection of opened.toReversed()) connection.client.end();
  };
  try {
    for (const [index, hop] of [...destination.jumps, destination].entries()) {
      const through = opened[index - 1];
      const sock = through ? await forward(through, hop) : undefined;
      opened.push(await connectOne(hop, access, sock, options));
    }
  } catch (error) {
    end();
    throw error;
  }
  const last = opened.at(-1);
  if (last === undefined) throw new CanopusError('internal', 'no connection was made');
  const { label, client, farewell, takesSessionsAhead } = last;
  return { label, client, farewell, takesSessionsAhead, end };
}

/** A byte pipe from a connected server to `host:port`, as seen from that server. Throws `ssh/forward-refused`. */
export function forward(
  connection: SshConnection,
  target: { readonly host: string; readonly port: number },
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const refused = (cause: unknown): CanopusError => {
      const message = `${connection.label} does not forward the connection to ${target.host}:${target.port}`;
      return new CanopusError(
        'ssh/forward-refused',
        message,
        { ...target, through: connection.label },
        { cause },
      );
    };
    try {
      connection.client.forwardOut('127.0.0.1', 0, target.host, target.port, (error, channel) => {
        if (error) reject(refused(error));
        else resolve(channel);
      });
    } catch (error) {
      reject(refused(error));
    }
  });
}

async function connectOne(
  destination: SshDestination,
  access: SshAccess,
  sock: Duplex | undefined,
  options: ConnectOptions,
): Promise<SshConnection> {
  const { host, port, user, passedOver } = destination;
  const label = describeSshTarget(destination);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const keys = await HostKeyCheck.open(destination, access);
  const authenticator = new SshAuthenticator(destination, access, label);
  const client = new ssh2.Client();
  /** The first failure; what the library reports afterwards is only its consequence. */
  let failure: CanopusError | null = null;
  let phase: 'reach' | 'login' = 'reach';
  const said: string[] = [];

  await new Promise<void>((resolve, reject) => {
    let leftMs = timeoutMs;
    const fail = (error: unknown): void => {
      failure ??=
        authenticator.failure ??
        toConnectError(error, { label, host, port, user, phase, authenticator, passedOver, said });
      settle(() =>
        reject(
          failure ??
            toConnectError(error, { label, host, port, user, phase, authenticator, passedOver, said }),
        ),
      );
      client.destroy();
    };
    const tickMs = 100;
    const timer = setInterval(() => {
      if (keys.asking || authenticator.asking) return;
      leftMs -= tickMs;
      if (leftMs > 0) return;
      const doing = phase === 'reach' ? 'answer' : 'finish the login';
      fail(
        new CanopusError('ssh/timeout', `${label} did not ${doing} within ${timeoutMs / 1000} s`, {
          label,
          seconds: timeoutMs / 1000,
        }),
      );
    }, tickMs);
    const onAbort = (): void => fail(cancelled());
    const settle = (then: () => void): void => {
      clearInterval(timer);
      options.signal?.removeEventListener('abort', onAbort);
      then();
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });

    client.once('connect', () => {
      leftMs = timeoutMs;
    });
    client.once('handshake', () => {
      phase = 'login';
      leftMs = timeoutMs;
    });
    // Before its name a server may say why it takes no one, and before the login what it wants to be known.
    const note = (text: string): void => {
      const words = quoted(text, 300);
      if (words !== '' && said.length < maxNotes) said.push(words);
    };
    // ssh2 hands on only those that the server proved to hold (hostkeys-prove-00@openssh.com).
    client.on('hostkeys', (held) => {
      // The login does not depend on it: a file that cannot be written is reported at the next new key.
      keys.rotate(held.map((key) => key.getPublicSSH())).catch(() => undefined);
    });
    client.on('greeting', note);
    client.on('banner', note);
    client.on('change password', (prompt: string) => fail(passwordExpired(label, quoted(prompt))));
    client.once('ready', () => {
      // A script and the end of its input are two packets: the second must not wait until the first is acknowledged.
      client.setNoDelay(true);
      settle(resolve);
    });
    client.on('error', (error: Error & { level?: string }) => {
      // A missing agent is no failure: the next method has its turn.
      if (error.level === 'agent') return;
      fail(error);
    });
    client.once('close', () => fail(new Error('the server closed the connection')));
    if (options.signal?.aborted) {
      onAbort();
      return;
    }
    client.connect({
      ...(sock ? { sock } : { host, port }),
      username: user,
      readyTimeout: 0,
      keepaliveInterval: options.keepaliveMs ?? defaultKeepaliveMs,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: keys.algorithms() as ServerHostKeyAlgorithm[] },
      hostVerifier: (key: Buffer, verified: (permitted: boolean) => void) => {
        keys.verify(key).then(
          () => verified(true),
          (error: unknown) => {
            fail(error);
            verified(false);
          },
        );
      },
      authHandler: authenticator.handler,
    });
  });
  // Later errors end the connection; its users learn that from `close`.
  client.removeAllListeners('error');
  let farewell: string | null = null;
  client.on('error', (error) => {
    if (isDisconnect(error)) farewell = quoted(error.message);
  });
  return {
    label,
    client,
    farewell: () => farewell,
    takesSessionsAhead: !serverName(client).startsWith('dropbear'),
    end: () => client.end(),
  };
}

/** What the server calls itself, such as `dropbear_2022.83`; ssh2 keeps it to itself. */
function serverName(client: Client): string {
  const name: unknown = Reflect.get(client, '_remoteVer');
  return typeof name === 'string' ? name : '';
}
