import { queryNodes } from '../flash/query-nodes.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';
import type { NodeSight } from './node-sight.ts';

interface ResetOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The first command also shows the number that a node expects, if that was a guess. */
const againMs = 20;
/** Katapult waits 500 ms for a second tap of reset; Klipper's start takes some more. */
const looksAfterMs = [150, 500, 500, 1000, 2000] as const;
/** An examination that failed or was cancelled still resets what it numbered, if that takes no longer. */
const cleanUpMs = 1000;

/**
 * Resets the nodes whose firmware can do that, which makes them forget their node ids; a bridge never, because the bus goes
 * with it. Returns their names. Throws as the CanLink does, and the signal's reason.
 */
export async function resetNodes(
  sights: readonly NodeSight[],
  { clock, signal }: ResetOptions,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const sight of sights) {
    const { role, resetCommand, asked, named } = sight;
    if (role === 'bridge' || resetCommand === null) continue;
    await asked.order(resetCommand, signal);
    await clock.sleep(againMs, signal);
    await asked.order(resetCommand, signal);
    sight.reset = 'missing';
    names.push(named.name);
  }
  return names;
}

/** The same as a clean-up: it has its own deadline and throws nothing. */
export async function resetNodesInTime(sights: readonly NodeSight[], clock: Clock): Promise<void> {
  const over = new AbortController();
  const done = new AbortController();
  const limit = clock.sleep(cleanUpMs, done.signal).then(
    () => over.abort(),
    () => undefined,
  );
  await resetNodes(sights, { clock, signal: over.signal }).catch(() => undefined);
  done.abort();
  await limit;
}

/** Looks until every node that was reset runs Klipper again, or for some seconds. Throws as `queryNodes`. */
export async function waitForNodes(
  can: CanLink,
  sights: readonly NodeSight[],
  { clock, signal }: { clock: Clock; signal: AbortSignal | undefined },
): Promise<void> {
  for (const waitMs of looksAfterMs) {
    const missing = sights.filter(({ reset }) => reset === 'missing');
    if (missing.length === 0) return;
    await clock.sleep(waitMs, signal);
    const { nodes } = await queryNodes(can, { clock, signal });
    for (const { canbusUuid, application } of nodes) {
      const sight = missing.find(({ named }) => named.canbusUuid === canbusUuid);
      if (sight !== undefined && application === 'klipper') sight.reset = 'back';
    }
  }
}
