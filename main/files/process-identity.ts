import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { systemErrorCode } from './file-errors.ts';

/** One process of one computer, distinct from a later one with the same number. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started, in this system's own format; null if it does not say. */
  readonly startedAt: string | null;
}

const run = promisify(execFile);

/** When a process started: on Linux boot id and ticks since boot, elsewhere what `ps` prints; null: no such process. */
export async function processStart(pid: number): Promise<string | null> {
  if (process.platform === 'win32') return null;
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    }).catch(() => ({ stdout: '' }));
    return stdout.trim() || null;
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // proc_pid_stat(5): the name in brackets may contain anything; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${await bootId()}/${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}

let bootIdText: string | undefined;

async function bootId(): Promise<string> {
  bootIdText ??= (await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '')).trim();
  return bootIdText;
}

let own: Promise<ProcessIdentity> | undefined;

/** This process. */
export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= processStart(process.pid).then((startedAt) => ({ host: hostname(), pid: process.pid, startedAt }));
  return own;
}

/** Whether that process is still running; null if it belongs to another computer. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean | null> {
  if (identity.host !== hostname()) return null;
  if (identity.startedAt !== null) return (await processStart(identity.pid)) === identity.startedAt;
  return isThere(identity.pid);
}

/** True if this computer has a process with this number that this user may see. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It belongs to another user, but it exists.
    return systemErrorCode(error) === 'EPERM';
  }
}
