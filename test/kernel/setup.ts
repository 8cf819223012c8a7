import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildForGuest } from './build-for-guest.ts';
import { startGuest } from './guest.ts';
import type { GuestAddress } from './guest/client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly guest: GuestAddress;
  }
}

/** Boots the one guest of a test run; test files reach it by `guestOfThisRun`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cacheDir = path.join(import.meta.dirname, '../../.cache/kernel');
  await buildForGuest();
  const booted = await startGuest({ cacheDir });
  project.provide('guest', booted.address);
  return () => booted.stop();
}
