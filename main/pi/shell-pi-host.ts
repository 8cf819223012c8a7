import { randomBytes } from 'node:crypto';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { parseIpLinks, type CanInterface } from '../../app/pi/can-interface.ts';
import { factsScript, rootFilesScript } from '../../app/pi/facts-script.ts';
import type { MoonrakerFacts, PiFacts, PrinterFacts } from '../../app/pi/facts.ts';
import type { Heater } from '../../app/pi/heaters.ts';
import type { JournalDraft, JournalFile, JournalState, PlanJournal } from '../../app/pi/journal.ts';
import { MoonrakerKey, type AskMoonrakerKey } from '../../app/pi/moonraker-key.ts';
import { parseRootFiles, type RootFiles } from '../../app/pi/parse-facts.ts';
import type { StepOutcome } from '../../app/pi/change-event.ts';
import type { CommandResult, PiHost } from '../../app/pi/pi-host.ts';
import { moonrakerAddress } from '../../app/pi/printers.ts';
import type { PrinterSeen } from '../../app/pi/printers-seen.ts';
import type { CommandStep, KlipperStep } from '../../app/pi/plan-types.ts';
import { parsePrinterStatus, type McuVersion, type PrinterAnswer } from '../../app/pi/printer-status.ts';
import { decodeBase64, encodeBase64, parseReport, partsOf } from '../../app/pi/report.ts';
import {
  applyFileScript,
  beginScript,
  commandScript,
  contentsScript,
  finishScript,
  keepScript,
  plansFolder,
  undoFileScript,
  watchScript,
} from '../../app/pi/step-scripts.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { klipperSocketScript } from './klipper-socket.ts';
import { MoonrakerClient, type ConnectMoonraker } from './moonraker.ts';
import { RootShell } from './root-shell.ts';
import { stepError } from './step-error.ts';
import { threadedWork } from './threaded-work.ts';

interface ShellPiHostOptions {
  /** Opens a byte pipe to a port of the Pi, from the Pi itself. */
  readonly connectTo: (host: string, port: number) => ReturnType<ConnectMoonraker>;
  /** Asks for the key if Moonraker requires one; may be missing. */
  readonly askMoonrakerKey?: AskMoonrakerKey | undefined;
  /** Prefix of the system's paths: tests use a folder with the layout of a Pi. */
  readonly root?: string;
  /** Time-out of a look; default two minutes. */
  readonly lookMs?: number;
}

/** A busy Pi Zero takes its time. */
const lookMs = 120_000;
const stepMs = 120_000;
/** The longest file that is read (4 MiB) in base64, and as much again for all others. */
const captureBytes = 12 << 20;
/** Klipper's socket replies with a few hundred bytes, or its script gives up after seconds. */
const socketMs = 20_000;
const socketBytes = 256 << 10;

/** A Pi behind a Shell. */
export class ShellPiHost implements PiHost {
  readonly label: string;
  readonly work = threadedWork;
  readonly #shell: Shell;
  readonly #options: ShellPiHostOptions;
  readonly #root: RootShell;
  /** Each Moonraker has a key of its own. */
  readonly #keys = new Map<string, MoonrakerKey>();
  #home: string | null = null;
  /** Moonrakers of the last look; with one, its question for a key names only the Pi. */
  #moonrakers = 0;

  constructor(shell: Shell, options: ShellPiHostOptions) {
    this.label = shell.label;
    this.#shell = shell;
    this.#options = options;
    this.#root = new RootShell(shell);
  }

  async look(signal?: AbortSignal, configPath: string | null = null): Promise<PiFacts> {
    const nonce = randomBytes(12).toString('hex');
    const { root } = this.#options;
    const askedMs = Date.now();
    const result = await this.#shell.run(
      {
        argv: ['sh', '-c', factsScript, 'sh', nonce, configPath ?? ''],
        ...(root === undefined ? {} : { env: { CANOPUS_ROOT: root } }),
      },
      { timeoutMs: this.#options.lookMs ?? lookMs, signal, captureBytes, overflow: 'fail' },
    );
    // It said the time somewhere between.
    const nowMs = (askedMs + Date.now()) / 2;
    const facts = await this.work.do('facts', { text: result.stdout, nonce, nowMs }, signal);
    this.#home = facts.home;
    this.#moonrakers = facts.moonrakers.length;
    return facts;
  }

  #clientFor(moonraker: MoonrakerFacts, name: string): MoonrakerClient {
    const { port, configPath } = moonraker;
    const address = moonrakerAddress(moonraker);
    const label = this.#moonrakers > 1 ? `${this.label}, ${name}` : this.label;
    const key = this.#keys.get(configPath) ?? new MoonrakerKey(label, this.#options.askMoonrakerKey);
    this.#keys.set(configPath, key);
    return new MoonrakerClient({
      connect: () => this.#options.connectTo(address, port),
      host: `${address.includes(':') ? `[${address}]` : address}:${port}`,
      key,
    });
  }

  async printers(facts: PiFacts, signal?: AbortSignal): Promise<readonly PrinterSeen[]> {
    const { printers, moonrakers } = facts;
    const strays = moonrakers.filter((each) =>
      printers.every(({ moonraker }) => moonraker?.configPath !== each.configPath),
    );
    return Promise.all([
      ...printers.map(async (each) => ({
        name: each.name,
        configPath: each.configPath,
        answer: await this.#ask(each, signal),
      })),
      ...strays.map(async (moonraker) => {
        const name = `Moonraker on port ${moonraker.port}`;
        const asked = await this.#ask({ name, moonraker, pid: moonraker.pid, apiSocket: null }, signal);
        // No Klipper is known to run behind it.
        const answer = asked.kind === 'unreachable' ? ({ kind: 'not-running' } as const) : asked;
        return { name, configPath: null, answer };
      }),
    ]);
  }

  async #ask(
    { name, moonraker, pid, apiSocket }: Pick<PrinterFacts, 'name' | 'moonraker' | 'pid' | 'apiSocket'>,
    signal: AbortSignal | undefined,
  ): Promise<PrinterAnswer> {
    let why: 'auth-needed' | 'unreachable' = 'unreachable';
    try {
      if (moonraker !== null) {
        return { kind: 'status', status: await this.#clientFor(moonraker, name).status(signal) };
      }
    } catch (error) {
      if (isCanopusError(error, 'pi/moonraker-auth')) why = 'auth-needed';
      else if (!isMoonrakerTrouble(error)) throw error;
    }
    if (pid === null) return { kind: 'not-running' };
    return (apiSocket === null ? null : await this.#askKlipper(apiSocket, signal)) ?? { kind: why };
  }

  async mcus({ moonraker, name }: PrinterFacts, signal?: AbortSignal): Promise<readonly McuVersion[]> {
    return moonraker === null ? [] : this.#clientFor(moonraker, name).mcus(signal);
  }

  /** Without Moonraker nothing is known of them. */
  async heaters(
    { moonraker, name, configPath }: PrinterFacts,
    signal?: AbortSignal,
  ): Promise<readonly Heater[]> {
    if (moonraker === null) {
      const message = `No Moonraker serves ${configPath}, so the temperatures of ${name} cannot be read`;
      throw new CanopusError('pi/moonraker-unreachable', message, { printer: name });
    }
    return this.#clientFor(moonraker, name).heaters(signal);
  }

  async #askKlipper(socket: string, signal: AbortSignal | undefined): Promise<PrinterAnswer | null> {
    const { exitCode, stdout } = await this.#shell.run(
      { argv: ['python3', '-c', klipperSocketScript, socket] },
      { timeoutMs: socketMs, signal, captureBytes: socketBytes },
    );
    const answers = exitCode === 0 ? parsedPair(stdout) : null;
    if (answers === null) return null;
    const status = parsePrinterStatus('klipper', ...answers);
    // A Klipper that only says it is ready does not show what it does.
    return status.klippy === 'ready' && answers[1] === null ? null : { kind: 'status', status };
  }

  unlockRoot(facts: PiFacts, ask: (attempt: number) => Promise<string | null>): Promise<void> {
    return this.#root.unlock(facts, ask);
  }

  #journalFolder(id: string): string {
    if (this.#home === null) throw new CanopusError('internal', 'the Pi was not examined before the change');
    return `${this.#home}/${plansFolder}/${id}`;
  }

  async begin({ journal, contents }: JournalDraft): Promise<void> {
    const folder = this.#journalFolder(journal.id);
    const bytes = new TextEncoder().encode(JSON.stringify(journal, null, 2));
    const files = [['journal.json', bytes], ...contents, ['complete', new Uint8Array()]] as const;
    const lines = files.map(([name, content]) => `@${name}\n${wrapped(encodeBase64(content))}`);
    const stdin = new TextEncoder().encode(lines.join(''));
    const plans = folder.slice(0, folder.lastIndexOf('/'));
    const result = await this.#root.run(beginScript, [plans, journal.id], {
      asRoot: false,
      timeoutMs: stepMs,
      stdin,
    });
    if (result.exitCode !== 0) throw stepError(result, folder, this.label);
  }

  async applyFile(journal: PlanJournal, file: JournalFile): Promise<StepOutcome> {
    const { path, before, after, staged, backup, mode, asRoot } = file;
    const source = staged === null ? '-' : `${this.#journalFolder(journal.id)}/${staged}`;
    const args = [path, before ?? '-', after ?? '-', source, backup ?? '-', mode.toString(8), journal.id];
    return this.#fileStep(applyFileScript, args, path, asRoot, 'apply');
  }

  async undoFile(journal: PlanJournal, file: JournalFile, force: boolean): Promise<StepOutcome> {
    const { path, before, after, backup, asRoot, makesFolder } = file;
    const flags = [force ? 'force' : '-', journal.id, makesFolder ? 'folder' : '-'];
    const args = [path, before ?? '-', after ?? '-', backup ?? '-', ...flags];
    return this.#fileStep(undoFileScript, args, path, asRoot, 'undo');
  }

  async #fileStep(
    script: string,
    args: readonly string[],
    path: string,
    asRoot: boolean,
    direction: 'apply' | 'undo',
  ): Promise<StepOutcome> {
    const result = await this.#root.run(script, args, { asRoot, timeoutMs: stepMs });
    if (result.exitCode !== 0) throw stepError(result, path, this.label, direction);
    return result.stdout.includes('already') ? 'already' : 'done';
  }

  async command({ argv, asRoot }: CommandStep): Promise<CommandResult> {
    const { exitCode, stdout, stderr } = await this.#root.run(commandScript, argv, {
      asRoot,
      timeoutMs: stepMs,
    });
    return { exitCode, output: `${stdout}${stderr}`.trim().slice(-2_000) };
  }

  async restartKlipper(step: KlipperStep, printer: PrinterFacts): Promise<void> {
    const { moonraker, name } = printer;
    const unit = printer.unit ?? step.unit;
    if (step.via === 'moonraker' && moonraker !== null) {
      try {
        await this.#clientFor(moonraker, name).firmwareRestart();
        return;
      } catch (error) {
        // Moonraker cannot restart a Klipper that it has lost; systemd can.
        if (unit === null || !this.#root.unlocked || !isMoonrakerTrouble(error)) throw error;
      }
    }
    if (unit === null) {
      const message = `Klipper of ${name} on ${this.label} has neither a Moonraker nor a unit`;
      throw new CanopusError('pi/klipper-not-restarted', message, { printer: name });
    }
    const { exitCode, output } = await this.command({
      kind: 'command',
      argv: ['systemctl', 'restart', unit],
      reason: step.reason,
      asRoot: true,
      accepts: [0],
    });
    if (exitCode === 0) return;
    const message = `systemctl restart ${unit} on ${this.label} ended with ${exitCode}: ${output}`;
    throw new CanopusError('pi/klipper-not-restarted', message, { unit, exitCode });
  }

  async finish(journal: PlanJournal, state: JournalState): Promise<void> {
    const folder = this.#journalFolder(journal.id);
    const result = await this.#root.run(finishScript, [folder, state], { asRoot: false, timeoutMs: stepMs });
    if (result.exitCode !== 0) throw stepError(result, folder, this.label);
  }

  async keep(path: string, text: string): Promise<void> {
    const stdin = new TextEncoder().encode(text);
    const result = await this.#root.run(keepScript, [path], { asRoot: false, timeoutMs: stepMs, stdin });
    if (result.exitCode !== 0) throw stepError(result, path, this.label);
  }

  async contents(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | null>> {
    const nonce = randomBytes(12).toString('hex');
    const asRoot = this.#root.unlocked;
    const { stdout } = await this.#root.run(contentsScript, [nonce, ...paths], {
      ...{ asRoot, timeoutMs: lookMs, maxBytes: captureBytes },
    });
    const found = new Map<string, Uint8Array | null>(paths.map((path) => [path, null]));
    const report = parseReport(stdout, nonce);
    const hidden = partsOf(report, 'hidden')[0]?.argument;
    if (hidden !== undefined) {
      const message = `${hidden} on ${this.label} exists, but only root may read it`;
      throw new CanopusError('pi/file-unreadable', message, { path: hidden });
    }
    for (const { argument, body } of partsOf(report, 'file')) found.set(argument, decodeBase64(body));
    return found;
  }

  async readAsRoot({ root }: PiFacts, paths: readonly string[], signal?: AbortSignal): Promise<RootFiles> {
    const nonce = randomBytes(12).toString('hex');
    const { stdout } = await this.#root.run(rootFilesScript, [nonce, root, ...paths], {
      ...{ asRoot: true, timeoutMs: lookMs, maxBytes: captureBytes, signal },
    });
    return parseRootFiles(parseReport(stdout, nonce));
  }

  async watch(
    interfaceName: string,
    options: { timeoutMs: number; signal: AbortSignal; onState: (state: CanInterface | null) => void },
  ): Promise<void> {
    const tenths = String(Math.ceil(options.timeoutMs / 100));
    try {
      await this.#shell.run(
        { argv: ['sh', '-c', watchScript, 'sh', interfaceName, tenths] },
        {
          timeoutMs: options.timeoutMs,
          signal: options.signal,
          onLine: ({ stream, text }) => {
            if (stream === 'stdout') options.onState(parseIpLinks(text)[0] ?? null);
          },
        },
      );
    } catch (error) {
      // The watcher decides when it has seen enough.
      if (isCanopusError(error, 'cancelled') || isCanopusError(error, 'shell/timeout')) return;
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#shell.close();
  }
}

/** The two replies that the socket's script prints; null for anything else. */
function parsedPair(text: string): [unknown, unknown] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.length === 2 ? [parsed[0], parsed[1]] : null;
  } catch {
    return null;
  }
}

/** Errors that only mean that Moonraker cannot be asked; a lost connection is different. */
function isMoonrakerTrouble(error: unknown): boolean {
  return (
    isCanopusError(error, 'pi/moonraker-unreachable') ||
    isCanopusError(error, 'pi/moonraker-answer') ||
    isCanopusError(error, 'ssh/forward-refused')
  );
}

/** In lines, because some awks do not accept records of megabytes. */
function wrapped(base64: string): string {
  return base64.replace(/.{1,76}/g, '$&\n');
}
