import { afterEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../app/pi/apply.ts';
import { draftJournal, journalId, parseJournal, type JournalFile } from '../../app/pi/journal.ts';
import type { CanInterface } from '../../app/pi/can-interface.ts';
import type { PiHost } from '../../app/pi/pi-host.ts';
import type { FileStep, PiPlan } from '../../app/pi/plan-types.ts';
import { makePlan } from '../../app/pi/plan.ts';
import { defaultWishes } from '../../app/pi/plan-types.ts';
import { undoPlan } from '../../app/pi/undo.ts';
import { codeOfRejection } from '../error-code.ts';

/** A Pi of which a test can change what is behind the host's back. */
export interface PiHostBench extends AsyncDisposable {
  readonly host: PiHost;
  /** A path of the Pi as the host has to be asked for it. */
  readonly at: (path: string) => string;
  readonly read: (path: string) => Promise<string | null>;
  readonly write: (path: string, text: string) => Promise<void>;
  /** Every file with its content; journals left out. */
  readonly snapshot: () => Promise<ReadonlyMap<string, string>>;
  readonly setPrinting: (isPrinting: boolean) => void;
  /** Makes can0 be there, down; or takes it away. */
  readonly setInterface: (isThere: boolean) => Promise<void>;
}

export interface PiHostBenchOptions {
  readonly sudoPassword: string | null;
  /** Klipper is ready and moves nothing. */
  readonly isReady: boolean;
}

const printerCfg = '/home/pi/printer_data/config/printer.cfg';
const fresh = '/home/pi/printer_data/config/fresh.cfg';
const nobody = (): Promise<string | null> => Promise.resolve(null);

let count = 0;

function nextId(): { now: Date; id: string } {
  count += 1;
  const now = new Date(Date.UTC(2026, 0, 1, 0, 0, count));
  return { now, id: journalId(now, 0.25) };
}

/** What every PiHost does: behind a real shell over SSH, and of a virtual Pi. */
export function piHostSuite(name: string, open: (options: PiHostBenchOptions) => Promise<PiHostBench>): void {
  describe(`${name} as a PiHost`, () => {
    let bench: PiHostBench | null = null;
    afterEach(async () => {
      await bench?.[Symbol.asyncDispose]();
      bench = null;
    });

    async function opened(options: Partial<PiHostBenchOptions> = {}): Promise<PiHostBench> {
      bench = await open({ sudoPassword: null, isReady: false, ...options });
      await bench.host.look();
      return bench;
    }

    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

    function step(path: string, before: string | null, after: string | null): FileStep {
      return {
        kind: 'file',
        path,
        reason: 'the test wants it',
        asRoot: false,
        before: before === null ? null : bytes(before),
        after: after === null ? null : bytes(after),
        mode: 0o600,
        makesFolder: false,
        backupPlace: 'beside',
      };
    }

    /** A journal for these files that is on the Pi. */
    async function begun({ host }: PiHostBench, ...steps: FileStep[]) {
      const { interfaceName, bitrateBps, txQueueLength } = defaultWishes;
      const goal = { interfaceName, bitrateBps, txQueueLength, boards: [] };
      const plan: PiPlan = {
        stack: null,
        steps,
        undo: { before: [], after: [] },
        notes: [],
        blockers: [],
        configPath: null,
        printer: null,
        printers: [],
        goal,
      };
      const { id, now } = nextId();
      const draft = await draftJournal(plan, id, now, '/home/pi');
      await host.begin(draft);
      const files = draft.journal.steps as readonly JournalFile[];
      return { journal: draft.journal, files, file: files[0]! };
    }

    it('looks: files with their bytes, a user, units, and no change that was made', async () => {
      const { host, at, read } = await opened();
      const facts = await host.look();
      const file = facts.files.get(at(printerCfg));
      expect(new TextDecoder().decode(file?.bytes)).toBe(await read(printerCfg));
      expect(file).toMatchObject({ replaceable: true, mode: 0o644 });
      expect(facts.user).toBe('pi');
      expect(facts.printers.map(({ configPath }) => configPath)).toEqual([at(printerCfg)]);
      expect(facts.units.size).toBeGreaterThan(0);
      expect(facts.journals).toEqual([]);
    });

    it('exchanges a file, keeps the old one beside it, and does nothing a second time', async () => {
      const bench = await opened();
      const old = await bench.read(printerCfg);
      const { journal, file } = await begun(bench, step(bench.at(printerCfg), old, '[mcu]\n'));
      expect(await bench.host.applyFile(journal, file)).toBe('done');
      expect(await bench.read(printerCfg)).toBe('[mcu]\n');
      const kept = await bench.host.contents([file.backup!]);
      expect(new TextDecoder().decode(kept.get(file.backup!)!)).toBe(old);
      expect(await bench.host.applyFile(journal, file)).toBe('already');
    });

    it('makes a file and takes it away again, and takes one away and brings it back', async () => {
      const bench = await opened();
      const before = await bench.snapshot();
      const old = await bench.read(printerCfg);
      const { journal, files } = await begun(
        bench,
        step(bench.at(fresh), null, 'a\n'),
        step(bench.at(printerCfg), old, null),
      );
      for (const file of files) expect(await bench.host.applyFile(journal, file)).toBe('done');
      expect(await bench.read(fresh)).toBe('a\n');
      expect(await bench.read(printerCfg)).toBeNull();
      for (const file of files) expect(await bench.host.undoFile(journal, file, false)).toBe('done');
      expect(await bench.snapshot()).toEqual(before);
      for (const file of files) expect(await bench.host.undoFile(journal, file, false)).toBe('already');
    });

    it('refuses a file that is not what the plan was made from', async () => {
      const bench = await opened();
      const { journal, file } = await begun(bench, step(bench.at(printerCfg), 'something else', 'x'));
      const before = await bench.snapshot();
      expect(await codeOfRejection(bench.host.applyFile(journal, file))).toBe('pi/changed-since-plan');
      expect(await bench.snapshot()).toEqual(before);
    });

    it('refuses to undo over a later edit, and does it with force', async () => {
      const bench = await opened();
      const old = await bench.read(printerCfg);
      const { journal, file } = await begun(bench, step(bench.at(printerCfg), old, '[mcu]\n'));
      await bench.host.applyFile(journal, file);
      await bench.write(printerCfg, '[mcu]\n[respond]\n');
      expect(await codeOfRejection(bench.host.undoFile(journal, file, false))).toBe('pi/edited-since');
      expect(await bench.read(printerCfg)).toBe('[mcu]\n[respond]\n');
      expect(await bench.host.undoFile(journal, file, true)).toBe('done');
      expect(await bench.read(printerCfg)).toBe(old);
    });

    it('has one change open at a time, and reports how each ended', async () => {
      const bench = await opened();
      const { journal } = await begun(bench, step(bench.at(fresh), null, 'a'));
      const [kept] = (await bench.host.look()).journals;
      expect(kept).toMatchObject({ id: journal.id, state: 'open' });
      expect(parseJournal(kept!.text)).toEqual(journal);
      await expect(begun(bench, step(bench.at(fresh), null, 'b'))).rejects.toMatchObject({
        code: 'pi/unfinished',
      });
      await bench.host.finish(journal, 'applied');
      expect((await bench.host.look()).journals.map(({ state }) => state)).toEqual(['applied']);
      await begun(bench, step(bench.at(fresh), null, 'b'));
      expect((await bench.host.look()).journals.map(({ state }) => state)).toEqual(['applied', 'open']);
    });

    it('returns null for contents of a missing file', async () => {
      const { host, at } = await opened();
      expect((await host.contents([at(fresh)])).get(at(fresh))).toBeNull();
    });

    it('returns the exit code of a command', async () => {
      const { host } = await opened();
      const command = { kind: 'command', reason: '', asRoot: false, accepts: null } as const;
      expect(await host.command({ ...command, argv: ['true'] })).toMatchObject({ exitCode: 0 });
      expect(await host.command({ ...command, argv: ['false'] })).toMatchObject({ exitCode: 1 });
    });

    it('asks for the sudo password until it is right, and not a second time', async () => {
      const { host } = await opened({ sudoPassword: 'correct horse' });
      const facts = await host.look();
      expect(facts.sudo).toBe('password');
      const answers = ['wrong', 'correct horse'];
      const attempts: number[] = [];
      const ask = (attempt: number) => {
        attempts.push(attempt);
        return Promise.resolve(answers.shift() ?? null);
      };
      await host.unlockRoot(facts, ask);
      await host.unlockRoot(facts, ask);
      expect(attempts).toEqual([1, 2]);
      const argv = ['true'] as const;
      const { exitCode } = await host.command({
        kind: 'command',
        argv,
        reason: '',
        asRoot: true,
        accepts: [0],
      });
      expect(exitCode).toBe(0);
    });

    it('does nothing as root before it was unlocked', async () => {
      const { host } = await opened({ sudoPassword: 'x' });
      const argv = ['true'] as const;
      const command = { kind: 'command', argv, reason: '', asRoot: true, accepts: [0] } as const;
      expect(await codeOfRejection(host.command(command))).toBe('pi/sudo-password-needed');
    });

    it('says whether the password was not given or refused three times', async () => {
      const { host } = await opened({ sudoPassword: 'x' });
      const facts = await host.look();
      expect(await codeOfRejection(host.unlockRoot(facts, nobody))).toBe('pi/sudo-password-needed');
      let asked = 0;
      const wrong = () => {
        asked += 1;
        return Promise.resolve('y');
      };
      expect(await codeOfRejection(host.unlockRoot(facts, wrong))).toBe('pi/sudo-refused');
      expect(asked).toBe(3);
    });

    it('knows whether the printer prints', async () => {
      const bench = await opened({ isReady: true });
      const facts = await bench.host.look();
      const activity = async () => {
        const [seen] = await bench.host.printers(facts);
        const { answer } = seen!;
        return answer.kind === 'status' ? `${answer.status.klippy} ${answer.status.activity}` : answer.kind;
      };
      expect(await activity()).toBe('ready idle');
      bench.setPrinting(true);
      expect(await activity()).toBe('ready printing');
    });

    it('watches an interface: its state, then each change, until the watch ends', async () => {
      const bench = await opened();
      await bench.setInterface(false);
      const enough = new AbortController();
      const seen: (CanInterface | null)[] = [];
      await bench.host.watch('can0', {
        timeoutMs: 30_000,
        signal: enough.signal,
        onState: (state) => {
          seen.push(state);
          if (seen.length === 1) void bench.setInterface(true);
          else enough.abort();
        },
      });
      expect(seen.map((state) => state?.name ?? null)).toEqual([null, 'can0']);
    });

    it('ends to watch when the time is over', async () => {
      const { host } = await opened();
      const seen: unknown[] = [];
      const signal = new AbortController().signal;
      await host.watch('can7', { timeoutMs: 300, signal, onState: (state) => seen.push(state) });
      expect(seen).toEqual([null]);
    });

    it('takes a whole plan and goes back to the very same files', async () => {
      const bench = await opened();
      const { host } = bench;
      const before = await bench.snapshot();
      const facts = await host.look();
      const boards = [{ section: 'mcu', canbusUuid: '6beb0175188a' }];
      const plan = makePlan(facts, await host.printers(facts), { ...defaultWishes, boards });
      expect(plan.blockers).toEqual([]);
      expect(plan.steps.length).toBeGreaterThan(2);
      const options = { ...nextId(), askPassword: nobody, confirmedIdle: false };
      for await (const event of applyPlan(host, plan, options)) expect(event).toBeDefined();
      expect(await bench.read(printerCfg)).toContain('canbus_uuid: 6beb0175188a');
      const journal = parseJournal((await host.look()).journals[0]!.text);
      const consent = { askPassword: nobody, confirmedIdle: false, force: false };
      for await (const event of undoPlan(host, journal, consent)) expect(event).toBeDefined();
      expect(await bench.snapshot()).toEqual(before);
    });

    it('rejects with a name when it is closed', async () => {
      const { host } = await opened();
      await host[Symbol.asyncDispose]();
      expect(await codeOfRejection(host.look())).toBe('shell/closed');
    });
  });
}
