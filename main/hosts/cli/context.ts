import { aborted } from '../../../app/aborted.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { toCanopusError, type LeftState } from '../../../app/errors.ts';
import { hostPlatform } from '../../devices/native-errors.ts';
import { endAfterCrash } from '../crashes.ts';
import { errorEvent, namedFor, plainMessage } from './error-output.ts';
import { exitCodeFor } from './exit-code.ts';
import { listenForInterruption, type Interruption } from './interrupt.ts';
import { outputTo, type CliStreams, type Output } from './output.ts';
import type { StationAccess, StationChoice, StationOpener } from './station-access.ts';

/** The surroundings of a running command. */
export interface CliIo extends Output {
  /** Aborted by Ctrl-C, and when the terminal is closed. */
  readonly signal: AbortSignal;
  /**
   * The station of a data folder: the one running there, or else one of this command; released when the command ends.
   */
  contract(choice: StationChoice): Promise<StationClient>;
  /**
   * From here on, the state that an error leaves behind if it has none; null if that is reported elsewhere.
   */
  leaves(state: LeftState | null): void;
}

/** What a command works on: until it begins to change that, every error leaves it untouched. */
export type CliTarget = 'board' | 'pi' | 'nothing';

export interface CliRunOptions {
  readonly json?: boolean;
  readonly target?: CliTarget;
}

const untouched = { board: 'untouched', pi: 'pi-untouched', nothing: 'untouched' } as const;

/** The last line of a successful command; null if its events have said everything. */
export type CliReport = Readonly<Record<string, unknown>> | null;

export interface CliContext {
  /** Gets the command's words, such as `pi apply`, before it runs: others that wait for it are told. */
  begin(words: string): void;
  /**
   * Runs a command's work: prints its events, its report or its error, and sets the exit code. Every error states what
   * it leaves behind, except, for people, in a command that works on nothing. `--json`: one event per line, then
   * `{"type":"report",...}` or `{"type":"error","code","message","state","next","details"}`.
   */
  run(options: CliRunOptions, work: (io: CliIo) => Promise<CliReport>): Promise<void>;
}

const openStationLater: StationOpener = async (options) => {
  const { openStation } = await import('../../station.ts');
  return openStation(options);
};

/** The context that every command is registered with. */
export function createCliContext(streams: CliStreams = process, open = openStationLater): CliContext {
  let command = 'canopus';
  return {
    begin(words) {
      command = `canopus ${words}`;
    },
    async run({ json = false, target = 'nothing' }, work) {
      const left: { state: LeftState | null } = { state: untouched[target] };
      using interruption = listenForInterruption();
      const { signal } = interruption;
      const ignoreCrashes = streams === process ? endsAfterCrash(interruption, streams) : () => undefined;
      const accesses: StationAccess[] = [];
      // Idle virtual boards keep no process alive.
      const alive = setInterval(() => undefined, 60_000);
      const output = outputTo(streams, json);
      const io: CliIo = {
        ...output,
        signal,
        async contract(choice) {
          const { attachOrOpen } = await import('./station-access.ts');
          const onNotice = (text: string): void => output.emit({ type: 'note', text }, () => `Note: ${text}`);
          const access = await attachOrOpen({ ...choice, command, openStation: open, onNotice });
          accesses.push(access);
          return access.client;
        },
        leaves(state) {
          left.state = state;
        },
      };
      try {
        const report = await work(io);
        output.wipe();
        if (report !== null && json) output.emit({ type: 'report', ...report });
      } catch (thrown) {
        output.wipe();
        const told = namedFor(toCanopusError(thrown), signal, accesses);
        const error = left.state === null ? told : told.withState(left.state);
        const system = accesses.at(-1)?.system ?? hostPlatform;
        if (json) output.emit(errorEvent(error, system));
        else output.complain(plainMessage(target === 'nothing' ? told : error, system));
        if (error.code === 'internal' && thrown instanceof Error) output.complain(thrown.stack ?? '');
        process.exitCode = exitCodeFor(error);
      } finally {
        for (const access of accesses) await leave(access, io);
        clearInterval(alive);
        ignoreCrashes();
      }
    },
  };
}

/** How long a command may take to a safe point after an error that nothing caught. */
const crashPatienceMs = 30_000;

function endsAfterCrash(interruption: Interruption, streams: CliStreams): () => void {
  return endAfterCrash({
    end: (error) => {
      outputTo(streams, false).complain(
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
      interruption.interrupt('An error that nothing caught ended this command.');
      // The command ends by itself, at a safe point.
      return new Promise(() => undefined);
    },
    exit: (code) => process.exit(code),
    patienceMs: crashPatienceMs,
  });
}

/** Releases a station; the command's own stays as long as another command uses it, whose work would end with it. */
async function leave(access: StationAccess, io: CliIo): Promise<void> {
  if (access.others > 0) {
    io.status('Another command uses this station; waiting for it. Ctrl-C ends both.');
    // A Ctrl-C that ended the command ends no other's; the second one ends this process (`listenForInterruption`).
    const asked = io.signal.aborted ? [] : [aborted(io.signal)];
    await Promise.race([access.alone(), ...asked]);
  }
  await access[Symbol.asyncDispose]();
}
