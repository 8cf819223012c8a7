import type { UpdateStep } from './plan-types.ts';

/**
 * Seconds for one MCU, until it is seen to run: its Katapult entered, written, read back and started. Estimates, on the
 * long side, for an image of some 50 KB and 1 Mbit/s on the bus; the process is compiled on the Pi.
 */
const perMcu = { node: 25, board: 12, bridge: 15, 'host-process': 40 } as const satisfies Readonly<
  Record<UpdateStep['role'], number>
>;

/** Until Klipper has stopped, and until it is ready again with all its MCUs. */
const around = { stopSeconds: 3, readySeconds: 15 };

/** How long the printer stops, in seconds; 0 for no steps. */
export function updateSeconds(steps: readonly Pick<UpdateStep, 'role'>[]): number {
  if (steps.length === 0) return 0;
  const writing = steps.reduce((sum, { role }) => sum + perMcu[role], 0);
  return around.stopSeconds + writing + around.readySeconds;
}

/** "about 2 minutes", "less than a minute". */
export function durationWords(seconds: number): string {
  if (seconds < 50) return 'less than a minute';
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes === 1 ? 'about a minute' : `about ${minutes} minutes`;
}
