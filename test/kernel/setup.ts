import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildCommandLine, buildForGuest } from './build-for-guest.ts';
import { startGuest } from './guest.ts';
import type { GuestAddress } from './guest/client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each of the files that run at the same time. */
    readonly guests: readonly GuestAddress[];
  }
}

/**
 * Boots the guests of a test run and builds what runs in them: one guest per worker, as a guest shows all of its
 * devices to everyone. An emulated processor keeps one of this machine's busy, so two guests take half the time of one.
 * Test files reach theirs by `guestOfThisRun`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cacheDir = path.join(import.meta.dirname, '../../.cache/kernel');
  await buildForGuest();
  await buildCommandLine();
  // The first one unpacks the kernel for all of them.
  const first = await startGuest({ cacheDir, name: 'guest-1' });
  const others = Array.from({ length: project.globalConfig.maxWorkers - 1 }, (_, index) =>
    startGuest({ cacheDir, name: `guest-${index + 2}` }),
  );
  const booted = [first, ...(await Promise.all(others))];
  project.provide(
    'guests',
    booted.map(({ address }) => address),
  );
  return async () => {
    await Promise.all(booted.map((guest) => guest.stop()));
  };
}
