import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { isThere, ownIdentity, processStart } from '../files/process-identity.ts';

/** Names of folders that builds of this process work in. */
export const inUse = new Set<string>();

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** The beginning of the names of this process's build folders. */
export async function ownerName(): Promise<string> {
  const { host, pid, startedAt } = await ownIdentity();
  return `${digest(host)}-${pid}-${digest(startedAt ?? '')}`;
}

/** True if the process that a folder is named after is known to be gone, or has given the folder up. */
export async function isAbandoned(name: string): Promise<boolean> {
  const [, host, pid, started] = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-[0-9a-f]{8}$/.exec(name) ?? [];
  if (host !== digest(hostname())) return false;
  if (name.startsWith(await ownerName())) return !inUse.has(name);
  const start = await processStart(Number(pid));
  if (process.platform === 'win32') return !isThere(Number(pid));
  return start === null || digest(start) !== started;
}
