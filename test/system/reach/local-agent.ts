import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CanopusError } from '../../../app/errors.ts';
import type { AgentChannel } from '../../../main/reach/pi/agent-channel.ts';
import { agentProgram } from '../../../main/reach/pi/agent-program.ts';

/** The agent on this machine over a pipe, which breaks where a test says. */
export interface LocalAgent {
  readonly channel: AgentChannel;
  /** How many messages have been sent to it. */
  readonly sent: number;
  /** The exit code once it has ended by itself. */
  readonly exitCode: Promise<number | null>;
  /** What it complained about. */
  readonly said: string;
}

/** Where the agent finds what Linux shows in /sys, /dev and /run/udev. */
export type AgentRoots = readonly [sys: string, dev: string, udev: string];

/** Starts it; the pipe breaks in place of the message after the first `cutAfter`: nothing passes either way then. */
export function startLocalAgent(
  cutAfter: number,
  env: Readonly<Record<string, string>> = {},
  roots: AgentRoots = ['/sys', '/dev', '/run/udev'],
): LocalAgent {
  // Over SSH its starter has two arguments before.
  const child = spawn('python3', ['-ISc', agentProgram, '', '', ...roots], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  let sent = 0;
  let said = '';
  let isCut = false;
  let tellEnd: (error: Error) => void = () => undefined;
  const ended = new Promise<Error>((resolve) => (tellEnd = resolve));
  const exit = once(child, 'close').then(([code]) => {
    tellEnd(new CanopusError('reach/agent-ended', `the agent has ended: ${said}`));
    return code as number | null;
  });
  const cut = (): void => {
    isCut = true;
    child.stdin.end();
    tellEnd(new CanopusError('shell/lost', 'the pipe to the agent broke'));
  };
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const channel: AgentChannel = {
    label: 'this machine',
    write(bytes) {
      if (isCut) return;
      if (sent === cutAfter) cut();
      else {
        sent += 1;
        child.stdin.write(bytes);
      }
    },
    onData: () => undefined,
    ended,
    async close() {
      child.stdin.end();
      await exit;
    },
  };
  child.stdout.on('data', (bytes: Buffer) => {
    if (!isCut) channel.onData(Uint8Array.from(bytes));
  });
  return {
    channel,
    exitCode: exit,
    get sent() {
      return sent;
    },
    get said() {
      return said;
    },
  };
}
