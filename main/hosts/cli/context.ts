import type { StationClient } from '../../../app/contract/station-contract.ts';
import { CanopusError, isCanopusError, toCanopusError, type LeftState } from '../../../app/errors.ts';
import { errorTable } from '../../../app/errors/error-table.ts';
import { stateText } from '../../../app/errors/left-states.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import type { System } from '../../../app/system.ts';
import { hostPlatform } from '../../devices/native-errors.ts';
import type { Station, StationOptions } from '../../station.ts';
import { exitCodeFor } from './exit-code.ts';
import { listenForInterruption } from './interrupt.ts';
import { released } from './process-end.ts';
import type { StationAccess, StationChoice } from './station-access.ts';

/** One event, as a line of `--json` shows it. */
export type CliEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The surroundings of a running command. */
export interface CliIo {
  readonly json: boolean;
  /** Aborted by Ctrl-C, and when the terminal is closed. */
  readonly signal: AbortSignal;
  /** With `--json` prints the event as a line; otherwise prints what `describe` returns for it. */
  emit<E extends CliEvent>(event: E, describe?: (event: E) => string | null): void;
  /** Text for people; nothing with `--json`. */
  print(text: string): void;
  /** Raw text, for a file or another program; nothing with `--json`. */
  write(text: string): void;
  /** A line that the next status or print replaces, on a terminal; nothing with `--json` or in a pipe. */
  status(text: string): void;
  /** Opens a station for the command itself; it is closed when the command ends. */
  station(options?: StationOptions): Promise<Station>;
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

/** Where a command's output goes; the process's own streams except in tests. */
export interface CliStreams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

export interface CliContext {
  /**
   * Runs a command's work: prints its events, its report or its error, and sets the exit code. Every error states what
   * it leaves behind, except, for people, in a command that works on nothing. `--json`: one event per line, then
   * `{"type":"report",...}` or `{"type":"error","code","message","state","next","details"}`.
   */
  run(options: CliRunOptions, work: (io: CliIo) => Promise<CliReport>): Promise<void>;
}

function plainMessage(error: CanopusError, system: System): string {
  const lines = [`${errorTable[error.code].title}: ${error.message}`];
  if (error.state !== null) lines.push(stateText(error.state, 'terminal'));
  lines.push(`Next: ${nextStepOf(error, system)}`, `(${error.code})`);
  return lines.join('\n');
}

function nextStepOf({ code, details }: CanopusError, system: System): string {
  return nextStep(code, { surface: 'terminal', system, details });
}

/** `system`: the one that the station runs on. */
export function errorEvent(error: CanopusError, system: System = hostPlatform): CliEvent {
  const state: LeftState | null = error.state;
  return {
    type: 'error',
    code: error.code,
    message: error.message,
    state,
    next: nextStepOf(error, system),
    details: error.details,
  };
}

async function openStationLater(options?: StationOptions): Promise<Station> {
  const { openStation } = await import('../../station.ts');
  return openStation(options);
}

/** What happened, in the view of the person at this terminal: which key was pressed, which station ended. */
function namedFor(
  error: CanopusError,
  signal: AbortSignal,
  accesses: readonly StationAccess[],
): CanopusError {
  const state = error.state === null ? {} : { state: error.state };
  if (error.code === 'cancelled' && isCanopusError(signal.reason, 'cancelled'))
    return new CanopusError('cancelled', signal.reason.message, error.details, state);
  const lost = accesses.find(({ isLost }) => isLost);
  if (error.code !== 'contract/disconnected' || lost === undefined) return error;
  const message = `The station of process ${lost.pid ?? 0} ended before this command.`;
  return new CanopusError('host/station-lost', message, { pid: lost.pid }, state);
}

/** Releases a station; the command's own stays as long as another command uses it, whose work would end with it. */
async function leave(access: StationAccess, io: CliIo): Promise<void> {
  if (access.others > 0) {
    io.status('Another command uses this station; waiting for it. Ctrl-C ends both.');
    const asked = new Promise<void>((resolve) => {
      io.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([access.alone(), asked]);
  }
  await access[Symbol.asyncDispose]();
}

/** The context that every command is registered with. */
export function createCliContext(streams: CliStreams = process, open = openStationLater): CliContext {
  return {
    async run({ json = false, target = 'nothing' }, work) {
      const left: { state: LeftState | null } = { state: untouched[target] };
      using interruption = listenForInterruption();
      const { signal } = interruption;
      const stations: Station[] = [];
      const accesses: StationAccess[] = [];
      // Idle virtual boards keep no process alive.
      const alive = setInterval(() => undefined, 60_000);
      const wipe = (): void => {
        if (statusShown) streams.stderr.write('\r\x1b[K');
        statusShown = false;
      };
      let statusShown = false;
      let system = hostPlatform;
      const io: CliIo = {
        json,
        signal,
        emit(event, describe) {
          if (json) {
            streams.stdout.write(`${JSON.stringify(event)}\n`);
            return;
          }
          const text = describe?.(event) ?? null;
          if (text !== null) io.print(text);
        },
        print(text) {
          if (json) return;
          wipe();
          streams.stdout.write(`${text}\n`);
        },
        write(text) {
          if (!json) streams.stdout.write(text);
        },
        status(text) {
          if (json || streams.stderr.isTTY !== true) return;
          streams.stderr.write(`\r\x1b[K${text}`);
          statusShown = true;
        },
        async station(stationOptions) {
          const station = await open(stationOptions);
          stations.push(station);
          system = station.system;
          return station;
        },
        async contract(choice) {
          const { attachOrOpen } = await import('./station-access.ts');
          const access = await attachOrOpen({ ...choice, openStation: open });
          accesses.push(access);
          ({ system } = access);
          return access.client;
        },
        leaves(state) {
          left.state = state;
        },
      };
      try {
        const report = await work(io);
        wipe();
        if (json && report !== null)
          streams.stdout.write(`${JSON.stringify({ type: 'report', ...report })}\n`);
      } catch (thrown) {
        wipe();
        const told = namedFor(toCanopusError(thrown), signal, accesses);
        const error = left.state === null ? told : told.withState(left.state);
        if (json) streams.stdout.write(`${JSON.stringify(errorEvent(error, system))}\n`);
        else streams.stderr.write(`${plainMessage(target === 'nothing' ? told : error, system)}\n`);
        if (error.code === 'internal' && thrown instanceof Error)
          streams.stderr.write(`${thrown.stack ?? ''}\n`);
        process.exitCode = exitCodeFor(error);
      } finally {
        for (const access of accesses) await leave(access, io);
        await released(stations.map((station) => station[Symbol.asyncDispose]()));
        clearInterval(alive);
      }
    },
  };
}
