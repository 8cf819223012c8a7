import type { FlashEvent } from './flash-event.ts';

/** Drives a flasher to its end, passes every event to `onEvent` and returns its report; throws what the run throws. */
export async function followRun<Report>(
  run: AsyncGenerator<FlashEvent, Report, void>,
  onEvent: (event: FlashEvent) => void,
): Promise<Report> {
  for (;;) {
    const step = await run.next();
    if (step.done === true) return step.value;
    onEvent(step.value);
  }
}
