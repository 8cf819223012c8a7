import { inject } from 'vitest';
import { Guest } from './guest/client.ts';

/** The guest that this test run booted for this worker, with nothing plugged in. */
export async function guestOfThisRun(): Promise<Guest> {
  const guests = inject('guests');
  // Workers that run at the same time have different numbers from 1 on.
  const address = guests[Number(process.env['VITEST_POOL_ID'] ?? 1) - 1];
  if (address === undefined) throw new Error(`no guest for worker ${process.env['VITEST_POOL_ID'] ?? ''}`);
  const guest = new Guest(address);
  await guest.reset();
  return guest;
}
