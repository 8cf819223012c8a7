import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobView, PiQuestion } from '../../../app/contract/station-contract.ts';
import { codeOf, codeOfRejection } from '../../error-code.ts';
import { configPath } from '../../../main/sim/pi/pi-flavours.ts';
import { openPis, wishes, type PisFixture } from './pis-fixture.ts';

let opened: PisFixture | null = null;
afterEach(async () => {
  await opened?.[Symbol.asyncDispose]();
  opened = null;
});

const signal = new AbortController().signal;
const order = { id: null, name: 'Voron', target: 'pi@voron', keyFile: null };

async function open(options?: Parameters<typeof openPis>[0]): Promise<PisFixture & { id: string }> {
  const fixture = (opened = await openPis(options));
  const { id } = await fixture.desk.save(order);
  return { ...fixture, id };
}

/** Replies to the questions of the login. */
async function logIn({ desk, questions, pis, id }: PisFixture & { id: string }, keep = false): Promise<void> {
  desk.connect(id);
  const trust = await questions.until(({ kind }) => kind === 'host-key');
  desk.answer(trust.id, { kind: 'trust' });
  const password = await questions.until(({ kind }) => kind === 'password');
  desk.answer(password.id, { kind: 'secret', secret: 'horse', keep });
  await pis.until((view) => view.id === id && view.status === 'connected');
}

async function ended({ views }: PisFixture, { jobId }: { jobId: string }): Promise<JobView> {
  return views.until((view) => view.id === jobId && view.endedAt !== null);
}

describe('logging in to a Pi that is kept', () => {
  it('asks for the password once, also when a build logs in a second time', async () => {
    const fixture = await open();
    await logIn(fixture);
    const { desk, questions, logins } = fixture;
    const building = desk.openShell('pi@voron');
    const trust = await questions.until(() => true);
    expect(trust.kind).toBe('host-key');
    desk.answer(trust.id, { kind: 'trust' });
    await expect(building).rejects.toThrow('nobody builds here');
    expect(logins.count).toBe(2);
  });

  it('shows the fingerprint and asks for the password, and sends no window what was typed', async () => {
    const fixture = await open();
    const { desk, questions, pis, id } = fixture;
    desk.connect(id);
    expect(await questions.until(() => true)).toMatchObject({
      kind: 'host-key',
      fingerprint: 'SHA256:abc',
      keyType: 'ssh-ed25519',
    });
    expect(desk.view(id).status).toBe('connecting');
    const [trust] = questions.values.keys();
    expect(desk.answer(trust!, { kind: 'trust' })).toBe(true);
    const first = await questions.until(({ kind }) => kind === 'password');
    expect(first).toMatchObject({ subject: 'pi@voron', attempt: 1, keeps: 'session' });
    desk.answer(first.id, { kind: 'secret', secret: 'wrong', keep: false });
    const second = await questions.until((each) => each.kind === 'password' && each.attempt === 2);
    desk.answer(second.id, { kind: 'secret', secret: 'horse', keep: false });
    await pis.until(({ status }) => status === 'connected');
    expect(desk.answer(second.id, { kind: 'no' })).toBe(false);
    expect(JSON.stringify([desk.view(id), ...questions.values.values()])).not.toContain('horse');
  });

  it('is refused, with the reason, where a person does not trust the key', async () => {
    const { desk, questions, pis, id } = await open();
    desk.connect(id);
    const { id: question } = await questions.until(() => true);
    desk.answer(question, { kind: 'no' });
    const view = await pis.until(({ status }) => status === 'refused');
    expect(view.error).toMatchObject({ code: 'ssh/host-key-unknown' });
  });

  it('may be given up: the question goes away', async () => {
    const { desk, questions, pis, id } = await open();
    desk.connect(id);
    await questions.until(() => true);
    await desk.disconnect(id);
    await pis.until((view) => view.status === 'away');
    expect(questions.values.size).toBe(0);
  });

  it('happens once for all that need it, and again after the connection broke', async () => {
    const fixture = await open();
    const { desk, pi, questions, pis, id, logins } = fixture;
    const looks = [desk.look({ id, interfaceName: 'can0' }, signal), desk.plan({ id, wishes }, signal)];
    await logIn(fixture);
    await Promise.all(looks);
    expect(logins.count).toBe(1);
    pi.isReachable = false;
    expect(await codeOfRejection(desk.look({ id, interfaceName: 'can0' }, signal))).toBe('shell/lost');
    expect(await pis.until(({ error }) => error !== null)).toMatchObject({
      status: 'away',
      error: { code: 'shell/lost' },
    });
    pi.isReachable = true;
    const again = desk.look({ id, interfaceName: 'can0' }, signal);
    const trust = await questions.until(({ kind }) => kind === 'host-key');
    desk.answer(trust.id, { kind: 'trust' });
    const password = await questions.until(({ kind }) => kind === 'password');
    desk.answer(password.id, { kind: 'secret', secret: 'horse', keep: false });
    expect((await again).facts.network.interfaces.map(({ name }) => name)).toEqual(['can0']);
  });

  it('does not ask for what is kept, forgets what turns out wrong, and forgets all with the Pi', async () => {
    const fixture = await open();
    const { desk, secrets, questions, id, folder } = fixture;
    await logIn(fixture, true);
    expect(await secrets.get('password pi@voron')).toBe('horse');
    await desk.disconnect(id);
    desk.connect(id);
    const trust = await questions.until(({ kind }) => kind === 'host-key');
    desk.answer(trust.id, { kind: 'trust' });
    await fixture.pis.until(({ status }) => status === 'connected');
    await desk.disconnect(id);
    await secrets.set('password pi@voron', 'old');
    desk.connect(id);
    const once = await questions.until(({ kind }) => kind === 'host-key');
    desk.answer(once.id, { kind: 'trust' });
    const asked = await questions.until(({ kind }) => kind === 'password');
    expect(asked).toMatchObject({ attempt: 2 });
    expect(await secrets.get('password pi@voron')).toBeNull();
    desk.answer(asked.id, { kind: 'secret', secret: 'horse', keep: true });
    await fixture.pis.until(({ status }) => status === 'connected');
    await desk.remove(id);
    expect(await secrets.get('password pi@voron')).toBeNull();
    await desk[Symbol.asyncDispose]();
    expect(JSON.parse(await readFile(join(folder, 'pis.json'), 'utf8'))).toEqual([]);
  });
});

describe('Moonraker that wants a key', () => {
  it('is asked with one that a person gives once, kept like a password, and forgotten with the Pi', async () => {
    const fixture = await open();
    const { desk, pi, id, questions, secrets } = fixture;
    pi.klipper.moonraker.state = { ...pi.klipper.moonraker.state, apiKey: 'abc123' };
    await logIn(fixture);
    const look = desk.look({ id, interfaceName: 'can0' }, signal);
    const first = await questions.until(({ kind }) => kind === 'moonraker-key');
    expect(first).toMatchObject({ attempt: 1, keeps: 'session' });
    desk.answer(first.id, { kind: 'secret', secret: 'wrong', keep: true });
    const second = await questions.until((each) => each.kind === 'moonraker-key' && each.attempt === 2);
    expect(await secrets.get('moonraker-key pi@virtual-pi')).toBeNull();
    desk.answer(second.id, { kind: 'secret', secret: 'abc123', keep: true });
    expect((await look).facts.klipper.printers[0]?.answer).toMatchObject({ kind: 'status' });
    await desk.look({ id, interfaceName: 'can0' }, signal);
    expect(questions.values.size).toBe(0);
    expect(await secrets.get('moonraker-key pi@virtual-pi')).toBe('abc123');
    expect(JSON.stringify(desk.view(id))).not.toContain('abc123');
    await desk.remove(id);
    expect(await secrets.get('moonraker-key pi@virtual-pi')).toBeNull();
  });

  it('stays unknown if the person gives up, and is not asked for again on that connection', async () => {
    const fixture = await open();
    const { desk, pi, id, questions } = fixture;
    pi.klipper.moonraker.state = { ...pi.klipper.moonraker.state, apiKey: 'abc123' };
    await logIn(fixture);
    const planned = desk.plan({ id, wishes }, signal);
    const asked = await questions.until(({ kind }) => kind === 'moonraker-key');
    desk.answer(asked.id, { kind: 'no' });
    expect((await planned).blockers.map(({ code }) => code)).toEqual(['pi/print-state-unknown']);
    expect(
      (await desk.look({ id, interfaceName: 'can0' }, signal)).facts.klipper.printers[0]?.answer,
    ).toEqual({
      kind: 'auth-needed',
    });
  });
});

describe('the Pis that are kept', () => {
  it('are there again after a restart, without a secret in the file', async () => {
    const fixture = await open();
    await logIn(fixture, true);
    await fixture.desk[Symbol.asyncDispose]();
    const text = await readFile(join(fixture.folder, 'pis.json'), 'utf8');
    expect(text).not.toContain('horse');
    const again = await openPis({ folder: fixture.folder });
    expect(again.desk.view(fixture.id)).toMatchObject({
      name: 'Voron',
      host: 'voron',
      user: 'pi',
      status: 'away',
    });
    await again[Symbol.asyncDispose]();
  });

  it('need a host, and a Pi that is not there is named', async () => {
    const { desk } = await open();
    expect(await codeOfRejection(desk.save({ ...order, target: 'pi@' }))).toBe('usage/invalid');
    expect(await codeOfRejection(desk.save({ ...order, id: 'x' }))).toBe('pi/unknown');
    expect(codeOf(() => desk.connect('x'))).toBe('pi/unknown');
  });
});

describe('work on a Pi', () => {
  it('applies exactly the plan that was shown, proves it, and takes it back, as jobs', async () => {
    const fixture = await open();
    await logIn(fixture);
    const { desk, pi, id } = fixture;
    const before = pi.tree.text(configPath);
    const plan = await desk.plan({ id, wishes }, signal);
    const file = plan.steps.find((step) => step.kind === 'file' && step.path === configPath);
    expect(file).toMatchObject({ before });
    const applied = await ended(fixture, desk.jobs.apply({ id, planId: plan.planId, confirmedIdle: false }));
    expect(applied).toMatchObject({
      kind: 'pi-apply',
      piId: id,
      status: 'done',
      report: { kind: 'pi-change' },
    });
    expect((await desk.plan({ id, wishes }, signal)).steps).toEqual([]);
    const order = { id, goal: plan.goal, reset: 'auto', confirmedIdle: false } as const;
    const proven = await ended(fixture, desk.jobs.prove(order));
    expect(proven.proofs.map(({ outcome }) => outcome)).toEqual(['proven', 'proven', 'proven', 'proven']);
    const [change] = (await desk.look({ id, interfaceName: 'can0' }, signal)).changes;
    expect(change).toMatchObject({
      state: 'applied',
      files: expect.arrayContaining([configPath]) as string[],
    });
    const preview = await desk.change({ id, changeId: change!.id }, signal);
    expect(preview.find(({ path }) => path === configPath)).toMatchObject({ standing: 'new', before });
    await ended(fixture, desk.jobs.undo({ id, changeId: change!.id, force: false, confirmedIdle: false }));
    expect(pi.tree.text(configPath)).toBe(before);
  });

  it('runs one after the other on one Pi', async () => {
    const fixture = await open();
    await logIn(fixture);
    const { desk, id, views } = fixture;
    const goal = (await desk.plan({ id, wishes }, signal)).goal;
    const prove = () => desk.jobs.prove({ id, goal, reset: 'none', confirmedIdle: false });
    const [first, second] = [prove(), prove()];
    await views.until((view) => view.id === second.jobId);
    const [a, b] = await Promise.all([ended(fixture, first), ended(fixture, second)]);
    expect(Date.parse(b.startedAt!)).toBeGreaterThanOrEqual(Date.parse(a.endedAt!));
    expect(await codeOfRejection(desk.disconnect(id))).toBe('no error');
  });

  it('keeps a Pi from being removed while it runs, and is cancelled on demand', async () => {
    const fixture = await open({ sudoPassword: 'root' });
    await logIn(fixture);
    const { desk, id, jobs, questions } = fixture;
    const plan = await desk.plan({ id, wishes }, signal);
    const work = desk.jobs.apply({ id, planId: plan.planId, confirmedIdle: false });
    // What was typed for the login is tried for sudo first.
    await questions.until((each) => each.kind === 'sudo-password' && each.attempt === 2);
    expect(await codeOfRejection(desk.remove(id))).toBe('pi/busy');
    jobs.cancel(work.jobId);
    expect(await ended(fixture, work)).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled', state: 'pi-untouched' },
    });
    expect(questions.values.size).toBe(0);
  });

  it('refuses a plan that it does not know, and a virtual board for a real Pi', async () => {
    const fixture = await open();
    await logIn(fixture);
    const { desk, id } = fixture;
    expect(codeOf(() => desk.jobs.apply({ id, planId: 'x', confirmedIdle: false }))).toBe('pi/plan-unknown');
    const boards = [{ section: 'mcu', canbusUuid: 'eeeeeeeeeeee' }];
    expect(await codeOfRejection(desk.plan({ id, wishes: { ...wishes, boards } }, signal))).toBe(
      'pi/virtual-only',
    );
  });

  it('says of a UUID in a plan that it was only computed', async () => {
    const fixture = await open();
    await logIn(fixture);
    const { desk, id } = fixture;
    const boards = [{ section: 'mcu', canbusUuid: 'cafecafecafe' }];
    const { notes } = await desk.plan({ id, wishes: { ...wishes, boards } }, signal);
    expect(notes.filter(({ text }) => text.includes('computed'))).toHaveLength(1);
  });

  it('serves the doctor', async () => {
    const fixture = await open();
    await logIn(fixture);
    const checks = await fixture.desk.doctor({ id: fixture.id, wishes }, signal);
    expect(checks.find(({ id }) => id === 'interface')).toMatchObject({ verdict: 'wrong' });
  });
});

describe('a Pi that a command reaches', () => {
  it('is known while the command needs it, asks as that Pi, and is kept nowhere', async () => {
    const { desk, questions, pis, logins } = await open();
    const stop = new AbortController();
    const reached = desk.reach({ target: 'pi@other', keyFiles: ['/k'] }, stop.signal);
    const { value } = await reached.next();
    const id = value!.id;
    const looked = desk.look({ id, interfaceName: 'can0' }, signal);
    const trust = await questions.until(({ kind }) => kind === 'host-key');
    expect(trust.piId).toBe(id);
    desk.answer(trust.id, { kind: 'trust' });
    const password = await questions.until(({ kind }) => kind === 'password');
    desk.answer(password.id, { kind: 'secret', secret: 'horse', keep: false });
    expect((await looked).facts.system.user).toBe('pi');
    expect(logins.count).toBe(1);
    expect(pis.values.has(id)).toBe(false);
    stop.abort();
    expect(await reached.next()).toMatchObject({ done: true });
    expect(codeOf(() => desk.view(id))).toBe('pi/unknown');
  });

  it('is logged out after the change that its command left behind', async () => {
    const fixture = (opened = await openPis({ sudoPassword: 'sesame' }));
    const { desk, questions, jobs } = fixture;
    const stop = new AbortController();
    const reached = desk.reach({ target: 'pi@other', keyFiles: [] }, stop.signal);
    const { id } = (await reached.next()).value!;
    const planned = desk.plan({ id, wishes }, signal);
    const answer = async (kind: PiQuestion['kind'], secret: string): Promise<void> => {
      const question = await questions.until((each) => each.kind === kind);
      desk.answer(question.id, secret === '' ? { kind: 'trust' } : { kind: 'secret', secret, keep: false });
    };
    await answer('host-key', '');
    await answer('password', 'horse');
    const work = desk.jobs.apply({ id, planId: (await planned).planId, confirmedIdle: false });
    await questions.until(({ kind }) => kind === 'sudo-password');
    stop.abort();
    const gone = reached.next();
    await Promise.resolve();
    expect(desk.view(id).host).toBe('other');
    jobs.cancel(work.jobId);
    expect(await gone).toMatchObject({ done: true });
    expect(codeOf(() => desk.view(id))).toBe('pi/unknown');
    expect(codeOf(() => desk.connect(id))).toBe('pi/unknown');
  });

  it('is the one that is kept where its address and key are the same', async () => {
    const { desk, id } = await open();
    const reach = async (keyFiles: readonly string[]): Promise<string> => {
      const stop = new AbortController();
      const reached = desk.reach({ target: 'pi@voron:22', keyFiles }, stop.signal);
      const { value } = await reached.next();
      stop.abort();
      await reached.next();
      return value!.id;
    };
    expect(await reach([])).toBe(id);
    expect(await reach(['/another/key'])).not.toBe(id);
    expect(desk.view(id).name).toBe('Voron');
  });
});
