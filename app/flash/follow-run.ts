import type { FlashEvent, FlashReport, FlashRun } from './flash-event.ts';

/** Drives a flasher to its end, hands every event to `onEvent` and answers its report; throws what the run throws. */
export async function followRun(run: FlashRun, onEvent: (event: FlashEvent) => void): Promise<FlashReport> {
  for (;;) {
    const step = await run.next();
    if (step.done === true) return step.value;
    onEvent(step.value);
  }
}
