import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { AgentClient } from '../../../main/reach/pi/agent-client.ts';
import { startAgentOverSsh } from '../../../main/reach/pi/agent-over-ssh.ts';
import { PiDevices } from '../../../main/reach/pi/pi-devices.ts';
import { systemClock } from '../../../main/system-clock.ts';
import type { SshServer } from '../openssh-server.ts';
import { accessTo } from '../pi/ssh-fixture.ts';

/** A login on a real SSH server of this machine. */
export async function logIn(server: SshServer): Promise<SshShell> {
  const access = await accessTo(server);
  return new SshShell(await connectSsh(await resolveDestination(server, access), access));
}

export async function startAgent(shell: SshShell): Promise<AgentClient> {
  return AgentClient.open(await startAgentOverSsh(shell), systemClock);
}

export async function openDevices(shell: SshShell): Promise<PiDevices> {
  return new PiDevices({ client: await startAgent(shell), asRoot: null });
}
