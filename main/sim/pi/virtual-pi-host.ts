import { throwIfCancelled } from '../../../app/cancelled.ts';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import type { CanInterface } from '../../../app/pi/can-interface.ts';
import { hereAndNow } from '../../../app/pi/facts-work.ts';
import type { PiFacts, PrinterFacts } from '../../../app/pi/facts.ts';
import { heaterNames, parseHeaters, type Heater } from '../../../app/pi/heaters.ts';
import type { JournalDraft, JournalFile, JournalState, PlanJournal } from '../../../app/pi/journal.ts';
import { MoonrakerKey, type AskMoonrakerKey } from '../../../app/pi/moonraker-key.ts';
import type { StepOutcome } from '../../../app/pi/change-event.ts';
import type { CommandResult, PiHost } from '../../../app/pi/pi-host.ts';
import type { RootFiles } from '../../../app/pi/parse-facts.ts';
import type { CommandStep, KlipperStep } from '../../../app/pi/plan-types.ts';
import { parsePrinterStatus, type McuVersion, type PrinterAnswer } from '../../../app/pi/printer-status.ts';
import type { PrinterSeen } from '../../../app/pi/printers-seen.ts';
import { plansFolder } from '../../../app/pi/step-scripts.ts';
import { sha256Hex } from '../../../app/sha256.ts';
import { home, unitOfPrinter } from './pi-flavours.ts';
import { folderOf } from './pi-tree.ts';
import { factsOf, fileOf, interfaceOf, isHidden } from './virtual-pi-facts.ts';
import type { VirtualKlipper } from './virtual-klipper.ts';
import type { VirtualPi } from './virtual-pi.ts';

const passwordAttempts = 3;
const script = '/scripts/canbus_query.py';

/** A login on a virtual Pi. */
export class VirtualPiHost implements PiHost {
  readonly label = 'pi@virtual-pi';
  readonly work = hereAndNow;
  readonly #pi: VirtualPi;
  readonly #askMoonrakerKey: AskMoonrakerKey | undefined;
  readonly #keys = new Map<string, MoonrakerKey>();
  #isRoot = false;
  #closed = false;

  constructor(pi: VirtualPi, askMoonrakerKey?: AskMoonrakerKey) {
    this.#pi = pi;
    this.#askMoonrakerKey = askMoonrakerKey;
  }

  async look(signal?: AbortSignal): Promise<PiFacts> {
    await this.#trip(signal);
    return factsOf(this.#pi);
  }

  async printers(facts: PiFacts, signal?: AbortSignal): Promise<readonly PrinterSeen[]> {
    await this.#trip(signal);
    return Promise.all(
      facts.printers.map(async (each) => ({
        name: each.name,
        configPath: each.configPath,
        answer: await this.#answerOf(each),
      })),
    );
  }

  async #answerOf({ name, pid }: PrinterFacts): Promise<PrinterAnswer> {
    if (pid === null) return { kind: 'not-running' };
    try {
      const info = await this.#ask(name, 'GET', '/printer/info');
      const query = await this.#ask(name, 'GET', '/printer/objects/query?print_stats&idle_timeout&webhooks');
      return { kind: 'status', status: parsePrinterStatus('moonraker', info, query) };
    } catch (error) {
      if (isCanopusError(error, 'pi/moonraker-auth')) return { kind: 'auth-needed' };
      throw error;
    }
  }

  async mcus({ name }: PrinterFacts, signal?: AbortSignal): Promise<readonly McuVersion[]> {
    await this.#trip(signal);
    const names = [...this.#klipper(name).moonraker.state.mcus.keys()].map(encodeURIComponent);
    const query = await this.#ask(name, 'GET', `/printer/objects/query?${names.join('&')}`);
    return parsePrinterStatus('moonraker', {}, query).mcus;
  }

  async heaters({ name }: PrinterFacts, signal?: AbortSignal): Promise<readonly Heater[]> {
    await this.#trip(signal);
    const names = heaterNames(await this.#ask(name, 'GET', '/printer/objects/query?heaters'));
    const query = names.map(encodeURIComponent).join('&');
    return parseHeaters(names, await this.#ask(name, 'GET', `/printer/objects/query?${query}`));
  }

  async unlockRoot(facts: PiFacts, ask: (attempt: number) => Promise<string | null>): Promise<void> {
    await this.#trip();
    const { sudoPassword } = this.#pi;
    for (let attempt = 1; !this.#isRoot; attempt += 1) {
      if (sudoPassword === null) break;
      const given = attempt > passwordAttempts ? null : await ask(attempt);
      if (given === sudoPassword) break;
      if (given !== null) continue;
      const code = attempt === 1 ? 'pi/sudo-password-needed' : 'pi/sudo-refused';
      throw new CanopusError(code, `sudo wants the password of ${facts.user}`, { user: facts.user });
    }
    this.#isRoot = true;
  }

  async begin({ journal, contents }: JournalDraft): Promise<void> {
    await this.#trip();
    const { tree } = this.#pi;
    if (factsOf(this.#pi).journals.some(({ state }) => state === 'open')) {
      const message = `another change of ${this.label} was begun and not finished`;
      throw new CanopusError('pi/unfinished', message);
    }
    const folder = journalFolder(journal);
    for (const [name, bytes] of contents) tree.write(`${folder}/${name}`, bytes);
    tree.write(`${folder}/journal.json`, JSON.stringify(journal, null, 2));
    tree.write(`${folder}/state`, 'open');
  }

  async applyFile(journal: PlanJournal, file: JournalFile): Promise<StepOutcome> {
    await this.#trip();
    const { tree } = this.#pi;
    const { path, before, after, staged, backup, mode, asRoot } = file;
    this.#need(asRoot);
    const now = await this.#hash(path);
    if (now === after) return 'already';
    if (now !== before) throw this.#changed('pi/changed-since-plan', path, 'when the plan was made');
    const old = tree.get(path);
    if (old !== null && backup !== null) tree.write(backup, old.bytes, old);
    const fresh = staged === null ? null : tree.get(`${journalFolder(journal)}/${staged}`);
    if (fresh === null) tree.remove(path);
    else tree.write(path, fresh.bytes, { mode, owner: asRoot ? 'root' : 'pi' });
    return 'done';
  }

  async undoFile(_journal: PlanJournal, file: JournalFile, force: boolean): Promise<StepOutcome> {
    await this.#trip();
    const { tree } = this.#pi;
    const { path, before, after, backup, asRoot, makesFolder } = file;
    this.#need(asRoot);
    const now = await this.#hash(path);
    const isBack = now === before;
    if (!isBack && now !== after && !force) {
      throw this.#changed('pi/edited-since', path, 'as the change left it');
    }
    const old = backup === null ? null : tree.get(backup);
    if (!isBack && before === null) tree.remove(path);
    if (!isBack && before !== null) {
      if (old === null) throw new CanopusError('pi/step-failed', `the backup of ${path} is gone`, { path });
      tree.write(path, old.bytes, old);
    }
    if (backup !== null) tree.remove(backup);
    if (makesFolder) tree.removeEmptyFolder(folderOf(path));
    return isBack ? 'already' : 'done';
  }

  async keep(path: string, text: string): Promise<void> {
    await this.#trip();
    if (text === '') this.#pi.tree.remove(path);
    else this.#pi.tree.write(path, text);
  }

  async command({ argv, asRoot }: CommandStep): Promise<CommandResult> {
    await this.#trip();
    this.#need(asRoot);
    if (argv[1]?.endsWith(script) === true) return this.#query(argv.at(-1) ?? '');
    return this.#pi.run(argv);
  }

  async restartKlipper(step: KlipperStep, { name, unit }: PrinterFacts): Promise<void> {
    await this.#trip();
    if (step.via === 'moonraker' && this.#klipper(name).running) {
      await this.#ask(name, 'POST', '/printer/firmware_restart');
      return;
    }
    this.#need(true);
    await this.#pi.run(['systemctl', 'restart', unit ?? unitOfPrinter(name)]);
  }

  async finish(journal: PlanJournal, state: JournalState): Promise<void> {
    await this.#trip();
    const { tree } = this.#pi;
    const folder = journalFolder(journal);
    tree.write(`${folder}/state`, state);
    if (state === 'open') return;
    for (const path of tree.paths) if (path.startsWith(`${folder}/new-`)) tree.remove(path);
  }

  async readAsRoot(_: PiFacts, paths: readonly string[]): Promise<RootFiles> {
    await this.#trip();
    this.#need(true);
    const files = paths.flatMap((path) => {
      const file = this.#pi.tree.get(path);
      return file === null ? [] : [{ ...fileOf(path, file), replaceable: false }];
    });
    return { files, opened: new Set(paths), unread: new Map(), units: new Map() };
  }

  async contents(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | null>> {
    await this.#trip();
    const hidden = paths.find((path) => isHidden(this.#pi.tree.get(path)));
    if (hidden !== undefined && !this.#isRoot) {
      throw new CanopusError('pi/file-unreadable', `${hidden} on ${this.label} is root's`, { path: hidden });
    }
    return new Map(paths.map((path) => [path, this.#pi.tree.get(path)?.bytes ?? null]));
  }

  async watch(
    interfaceName: string,
    options: { timeoutMs: number; signal: AbortSignal; onState: (state: CanInterface | null) => void },
  ): Promise<void> {
    await this.#trip();
    const { links, clock } = this.#pi;
    let last = '';
    const tell = (): void => {
      const link = links.get(interfaceName);
      const state = link === null ? null : interfaceOf(link);
      const told = JSON.stringify(state);
      if (options.signal.aborted || told === last) return;
      last = told;
      options.onState(state);
    };
    const stop = links.listen(tell);
    tell();
    await clock.sleep(options.timeoutMs, options.signal).catch(() => undefined);
    stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #klipper(name: string): VirtualKlipper {
    const klipper = this.#pi.klippers.get(name);
    if (klipper === undefined) throw new Error(`the virtual Pi has no printer ${name}`);
    return klipper;
  }

  /** The errors of every round trip. */
  async #trip(signal?: AbortSignal): Promise<void> {
    await Promise.resolve();
    if (this.#closed) throw new CanopusError('shell/closed', `the connection to ${this.label} is closed`);
    if (!this.#pi.isReachable) {
      throw new CanopusError('shell/lost', `the connection to ${this.label} is lost`);
    }
    throwIfCancelled(signal);
  }

  #need(asRoot: boolean): void {
    if (!asRoot || this.#isRoot) return;
    throw new CanopusError('pi/sudo-password-needed', 'a step needs root, and sudo is locked');
  }

  #changed(code: 'pi/changed-since-plan' | 'pi/edited-since', path: string, how: string): CanopusError {
    return new CanopusError(code, `${path} on ${this.label} is not what it was ${how}`, { path });
  }

  async #hash(path: string): Promise<string | null> {
    const file = this.#pi.tree.get(path);
    return file === null ? null : sha256Hex(file.bytes);
  }

  /** The `result` of a reply; null if Klippy is not connected. */
  async #ask(name: string, method: 'GET' | 'POST', path: string): Promise<unknown> {
    const label = this.#pi.klippers.size > 1 ? `${this.label}, ${name}` : this.label;
    const key = this.#keys.get(name) ?? new MoonrakerKey(label, this.#askMoonrakerKey);
    this.#keys.set(name, key);
    for (let shown = key.current; ;) {
      const { status, body } = this.#klipper(name).moonraker.answer(method, path, shown);
      if (status !== 401) return status === 200 ? (body as { result: unknown }).result : null;
      const other = await key.insteadOf(shown);
      if (other === null) throw new CanopusError('pi/moonraker-auth', `Moonraker refused ${path}`);
      shown = other;
    }
  }

  /** What Klipper's query finds: unclaimed nodes. */
  #query(interfaceName: string): CommandResult {
    const link = this.#pi.links.get(interfaceName);
    if (link?.up !== true) return { exitCode: 1, output: `${interfaceName} is not up` };
    const claimed = [...this.#pi.klippers.values()].some(
      ({ moonraker }) => moonraker.state.klippy === 'ready',
    );
    const nodes = claimed ? [] : [link.adapter.canbusUuid, ...link.adapter.nodes];
    const lines = nodes.map((uuid) => `Found canbus_uuid=${uuid}, Application: Klipper`);
    return { exitCode: 0, output: [...lines, `Total ${nodes.length} uuids found`].join('\n') };
  }
}

function journalFolder({ id }: PlanJournal): string {
  return `${home}/${plansFolder}/${id}`;
}
