import { CanopusError } from '../../../app/errors.ts';
import { exitCodes } from './exit-code.ts';

/** What asks a command to end at its next safe point, and its name in messages. */
const messages = {
  SIGINT: 'Stopped by Ctrl-C.',
  SIGTERM: 'Stopped: the system asked this program to end.',
  // Also when an SSH session breaks off. Windows sends it when the console is closed, and ends the process a few
  // seconds later (Node.js, process, "Signal events").
  SIGHUP: 'Stopped: its terminal was closed.',
} as const;

type Interrupt = keyof typeof messages;

const interrupts = Object.keys(messages) as Interrupt[];

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** Asks for a safe end for a reason of the program itself. */
  interrupt(message: string): void;
}

/**
 * Listens for Ctrl-C and the other ways of ending a command, until it is disposed. The first one asks for a safe end; a
 * second Ctrl-C or SIGTERM ends the process at once, which a flasher cannot prevent. A closed terminal is reported more
 * than once, and together with a SIGTERM: it never counts as the second one.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let wasAsked = false;
  const onSignal = (name: NodeJS.Signals): void => {
    const interrupt = interrupts.find((known) => known === name) ?? 'SIGTERM';
    if (interrupt !== 'SIGHUP') {
      if (wasAsked) process.exit(exitCodes.cancelled);
      wasAsked = true;
    }
    controller.abort(new CanopusError('cancelled', messages[interrupt]));
  };
  for (const name of interrupts) process.on(name, onSignal);
  return {
    signal: controller.signal,
    interrupt: (message) => controller.abort(new CanopusError('cancelled', message)),
    [Symbol.dispose]: () => {
      for (const name of interrupts) process.off(name, onSignal);
    },
  };
}
