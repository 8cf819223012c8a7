import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableEvent } from '../../../app/contract/live-table.ts';
import type { JobView, PiQuestion, PiView } from '../../../app/contract/station-contract.ts';
import { PiSession } from '../../../app/pi/pi-session.ts';
import type { RecordedBoard } from '../../../app/pi/recorded-board.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { JobList } from '../../../main/jobs/job-list.ts';
import { SessionSecrets } from '../../../main/pi/secret-store.ts';
import { VirtualPiHost } from '../../../main/sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../../main/sim/pi/virtual-pi.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import type { LoginQuestions } from '../../../main/station/pi/pi-asker.ts';
import { StationPis } from '../../../main/station/pi/station-pis.ts';
import { adapter, canbusUuid } from '../sim/pi/virtual-pi-fixture.ts';

export const wishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid }] };

/** The values of a live table, and when they change. */
export class Seen<V extends { readonly id: string }> {
  readonly values = new Map<string, V>();
  readonly #waiting = new Set<() => void>();

  constructor(events: AsyncIterable<TableEvent<V>>) {
    void this.#follow(events);
  }

  async #follow(events: AsyncIterable<TableEvent<V>>): Promise<void> {
    for await (const event of events) {
      if (event.type === 'all') for (const item of event.items) this.values.set(item.id, item);
      else if (event.type === 'item') this.values.set(event.item.id, event.item);
      else this.values.delete(event.id);
      for (const wake of [...this.#waiting]) wake();
    }
  }

  /** The first value that fits, as soon as there is one. */
  async until(fits: (value: V) => boolean): Promise<V> {
    for (;;) {
      const found = [...this.values.values()].find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

export interface PisFixture extends AsyncDisposable {
  readonly desk: StationPis;
  readonly pi: VirtualPi;
  readonly jobs: JobList;
  readonly secrets: SessionSecrets;
  readonly folder: string;
  /** What the station wrote, by canbus_uuid. */
  readonly records: Map<string, RecordedBoard>;
  readonly logins: { count: number };
  /** Whether the Pi shows another host key than before, and of which targets the old one was forgotten. */
  readonly keys: { isChanged: boolean; readonly forgottenOf: string[] };
  readonly pis: Seen<PiView>;
  readonly questions: Seen<PiQuestion>;
  readonly views: Seen<JobView>;
}

/**
 * A desk whose every SSH login leads to one virtual Pi with a bridge in it. The login asks as a real one does: to
 * trust the key, then for the password `horse`, three times at most.
 */
export async function openPis(options: { sudoPassword?: string; folder?: string } = {}): Promise<PisFixture> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'canopus-desk-')));
  const clock = new VirtualClock();
  const pi = new VirtualPi({
    clock,
    flavour: 'networkd',
    klipperVersion: 'v0.13.0',
    sudoPassword: options.sudoPassword ?? null,
  });
  const bridge = adapter({
    reset: () => {
      pi.unplug(bridge.busPort);
      pi.plug(bridge);
    },
  });
  pi.plug(bridge);
  const jobs = new JobList(() => 'log');
  const secrets = new SessionSecrets();
  const logins = { count: 0 };
  const records = new Map<string, RecordedBoard>();
  const keys = { isChanged: false, forgottenOf: new Array<string>() };
  const logIn = async (questions: LoginQuestions): Promise<PiSession> => {
    const host = 'voron';
    const { CanopusError } = await import('../../../app/errors.ts');
    if (keys.isChanged) {
      throw new CanopusError('ssh/host-key-changed', 'another key', { host: '[voron]:2222', isOurs: 'yes' });
    }
    if (!(await questions.trustHostKey({ host, keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' }))) {
      throw new CanopusError('ssh/host-key-unknown', 'not accepted');
    }
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const password = await questions.password({ label: 'pi@voron', attempt });
      if (password === 'horse') {
        logins.count += 1;
        const connection = new VirtualPiHost(pi, questions.moonrakerKey);
        return new PiSession(connection, { clock, now: () => new Date(0), random: Math.random });
      }
      if (password === null) break;
    }
    throw new CanopusError('ssh/auth-failed', 'voron accepted nothing');
  };
  const desk = await StationPis.open({
    jobs,
    secrets,
    file: join(folder, 'pis.json'),
    openPi: (_, questions) => logIn(questions),
    openShell: async (_, questions) => {
      await logIn(questions);
      throw new Error('nobody builds here');
    },
    forgetKey: (target) => {
      keys.forgottenOf.push(target);
      keys.isChanged = false;
      return Promise.resolve([]);
    },
    isVirtualUuid: (uuid) => uuid === 'eeeeeeeeeeee',
    uuidSourceOf: (uuid) => (uuid === 'cafecafecafe' ? 'computed' : null),
    findRecord: (uuid) => Promise.resolve(records.get(uuid) ?? null),
    onUnsaved: (error) => {
      throw error;
    },
  });
  const stop = new AbortController();
  return {
    desk,
    pi,
    jobs,
    secrets,
    folder,
    records,
    logins,
    keys,
    pis: new Seen(desk.follow(stop.signal)),
    questions: new Seen(desk.followQuestions(stop.signal)),
    views: new Seen(jobs.overview(stop.signal)),
    [Symbol.asyncDispose]: async () => {
      await jobs[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
      stop.abort();
      pi.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
