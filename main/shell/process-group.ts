import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { killGraceMs } from '../../app/transport/shell.ts';

/** How long the kernel may take to clear away a group that got SIGKILL (a process in a disk wait takes a while). */
const killedWaitMs = 5_000;
const pollMs = 5;

/**
 * Ends a process group and resolves when none of it is left: SIGTERM, then SIGKILL after the grace time. On Windows,
 * which has no groups, `taskkill` ends the process tree below `pid`.
 */
export async function endProcessGroup(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    await endProcessTreeOnWindows(pid);
    return;
  }
  if (!signalGroup(pid, 'SIGTERM')) return;
  // A stopped process does not see SIGTERM until it continues.
  signalGroup(pid, 'SIGCONT');
  if (await groupIsGone(pid, killGraceMs)) return;
  signalGroup(pid, 'SIGKILL');
  await groupIsGone(pid, killedWaitMs);
}

/** Sends a signal to each process of a group; false if there is none any more. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    // ESRCH: none is left. EPERM (on macOS, for a group of zombies): none that can be ended.
    return false;
  }
}

async function groupIsGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (signalGroup(pid, 0) && !(await groupIsOfZombies(pid))) {
    if (performance.now() >= deadline) return false;
    await delay(pollMs);
  }
  return true;
}

/**
 * Ended children wait as zombies for their current parent, and in a container that may be a program that collects them
 * late or never. They run nothing and hold nothing, but `kill` still finds them.
 */
async function groupIsOfZombies(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // proc_pid_stat(5): pid (comm) state ppid pgrp ...; comm may contain spaces and brackets.
    const stat = await readFile(`/proc/${entry}/stat`, 'latin1').catch(() => '');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(group) === pid && state !== 'Z' && state !== 'X') return false;
  }
  return true;
}

function endProcessTreeOnWindows(pid: number): Promise<void> {
  return new Promise((resolve) => {
    const taskkill = spawn('taskkill', ['/PID', String(pid), '/T', '/F'], {
      stdio: 'ignore',
      windowsHide: true,
    });
    taskkill.once('error', () => resolve());
    taskkill.once('exit', () => resolve());
  });
}
