import { inject } from 'vitest';
import { Guest } from './guest/client.ts';

/** The guest that this test run booted, with nothing plugged in. */
export async function guestOfThisRun(): Promise<Guest> {
  const guest = new Guest(inject('guest'));
  await guest.reset();
  return guest;
}
