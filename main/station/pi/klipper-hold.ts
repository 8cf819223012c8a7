import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import { printersOfBoard, type BoardOnPi } from '../../../app/pi/printers-of-board.ts';
import { printingBlocker } from '../../../app/pi/printers-seen.ts';
import type { AgentClient } from '../../reach/pi/agent-client.ts';

interface HoldOptions {
  readonly session: Pick<PiSession, 'label' | 'look'>;
  /** Or a printer, by its name, for work on all of its boards. */
  readonly board: BoardOnPi | { readonly printer: string };
  /** An agent that may stop and start units; asks a person first. */
  readonly asRoot: (purpose: string) => Promise<Pick<AgentClient, 'request'>>;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Keeps Klipper away from a board while it is worked on: stops the printers that use it, and starts them again when it
 * is disposed of, or, if the connection breaks, by the agent on the Pi. Throws `pi/printing`, `pi/print-state-unknown`,
 * `reach/klipper-not-stopped` and as `asRoot` does.
 */
export async function holdKlipper(options: HoldOptions): Promise<AsyncDisposable> {
  const { session, board, asRoot, note, signal } = options;
  const { facts, printers } = await session.look(signal);
  const blocker = printingBlocker(printers, { confirmedIdle: false });
  if (blocker !== null) {
    const message = `${session.label}: ${blocker.text}. Nothing was changed.`;
    throw new CanopusError(blocker.code, message, {}, { state: 'untouched' });
  }
  const using =
    'printer' in board
      ? facts.printers.filter(({ name }) => name === board.printer)
      : printersOfBoard(facts, board);
  const running = using.filter(({ pid }) => pid !== null);
  const units = running.map(({ name, unit }) => {
    if (unit !== null) return unit;
    const message = `Klipper of ${name} on ${session.label} uses this board and runs without a systemd unit.`;
    throw new CanopusError('reach/klipper-not-stopped', message, { printer: name }, { state: 'untouched' });
  });
  if (units.length === 0) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const words = units.join(' and ');
  const agent = await asRoot(`stop ${words} while the board is worked on, and start it again`);
  const startAgain = async (): Promise<void> => {
    for (const unit of units) {
      try {
        await agent.request('unit.start', { unit });
        await agent.request('at-end.forget', { key: unit });
        note(`${unit} was started again.`);
      } catch (error) {
        // The agent on the Pi starts it as it ends.
        note(`${unit} could not be started again from here: ${toCanopusError(error).message}`);
      }
    }
  };
  try {
    for (const unit of units) {
      await agent.request('at-end.do', { key: unit, unit });
      await agent.request('unit.stop', { unit });
    }
  } catch (error) {
    await startAgain();
    const message = `${words} on ${session.label} could not be stopped: ${toCanopusError(error).message}`;
    throw new CanopusError('reach/klipper-not-stopped', message, {}, { cause: error, state: 'untouched' });
  }
  note(`${words} was stopped: it uses this board.`);
  return { [Symbol.asyncDispose]: startAgain };
}
