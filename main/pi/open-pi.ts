import type { AskMoonrakerKey } from '../../app/pi/moonraker-key.ts';
import { PiSession } from '../../app/pi/pi-session.ts';
import type { SshTarget } from '../../app/pi/ssh-target.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { ShellPiHost } from './shell-pi-host.ts';
import type { SshAccess } from '../shell/ssh/ssh-access.ts';
import { connectSsh, type ConnectOptions } from '../shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../shell/ssh/ssh-destination.ts';
import { SshShell } from '../shell/ssh/ssh-shell.ts';

interface OpenPiOptions extends ConnectOptions {
  readonly clock: Clock;
  /** Asks for the key if Moonraker requires one; may be missing. */
  readonly askMoonrakerKey?: AskMoonrakerKey | undefined;
}

/** Logs in and returns a shell there; the caller closes it. Throws `ssh/*` or `cancelled`. */
export async function openSshShell(
  target: SshTarget,
  access: SshAccess,
  options: ConnectOptions = {},
): Promise<SshShell> {
  const destination = await resolveDestination(target, access);
  return new SshShell(await connectSsh(destination, access, options));
}

/** Logs in to a Pi. Throws `ssh/*` or `cancelled`. */
export async function openPi(
  target: SshTarget,
  access: SshAccess,
  options: OpenPiOptions,
): Promise<PiSession> {
  const shell = await openSshShell(target, access, options);
  const host = new ShellPiHost(shell, {
    connectTo: (name, port) => shell.connectTo(name, port),
    askMoonrakerKey: options.askMoonrakerKey,
  });
  const session = new PiSession(host, { clock: options.clock, now: () => new Date(), random: Math.random });
  shells.set(session, shell);
  return session;
}

const shells = new WeakMap<PiSession, SshShell>();

/** The login that a session uses; null for a virtual Pi. It ends with the session. */
export function shellOf(session: PiSession): SshShell | null {
  return shells.get(session) ?? null;
}
