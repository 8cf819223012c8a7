import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PiAnswer } from '../../../../app/contract/station-contract.ts';
import { defaultWishes } from '../../../../app/pi/plan-types.ts';
import { SessionSecrets } from '../../../../main/pi/secret-store.ts';
import { piHandlers } from '../../../../main/station/handlers/pi.ts';
import { PiAsker } from '../../../../main/station/pi/pi-asker.ts';
import { PiQuestions } from '../../../../main/station/pi/pi-questions.ts';
import PiList from '../../../../renderer/features/pi/PiList.svelte';
import PiPage from '../../../../renderer/features/pi/PiPage.svelte';
import PiQuestionDialog from '../../../../renderer/features/pi/PiQuestionDialog.svelte';
import { Router } from '../../../../renderer/navigation/router.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { configPath } from '../../../../main/sim/pi/pi-flavours.ts';
import { canbusUuid } from '../../../main/sim/pi/virtual-pi-fixture.ts';
import { openPis, type PisFixture } from '../../../main/station/pis-fixture.ts';
import { told } from '../../quiet-handlers.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { board } from '../../samples.ts';
import { virtualToggle } from './pi-fixture.ts';

const words = texts.pi;

type Opened = PisFixture & { readonly id: string; readonly station: ScriptedStation };

/** No boards of Pis: this window does not follow them. */
async function* nothing(): AsyncGenerator<{ ready: true }, void, void> {}

/** A window with one stored Pi; the login's questions get replies by default. */
async function openWindow(options: Parameters<typeof openPis>[0] = {}): Promise<Opened> {
  const fixture = await openPis(options);
  const { id } = await fixture.desk.save({ id: null, name: 'Voron', target: 'pi@voron', keyFile: null });
  const { jobs } = fixture;
  const station = new ScriptedStation({
    ...piHandlers(fixture.desk, { follow: () => nothing() }, (signal) => told([], signal)),
    'jobs.overview': (_, { signal }) => jobs.overview(signal),
    'jobs.watch': ({ jobId }, { after, signal }) => jobs.watch(jobId, after, signal),
    'jobs.cancel': ({ jobId }) => Promise.resolve(jobs.cancel(jobId)),
  });
  station.boards.set(board());
  void station.state.open();
  await expect.poll(() => station.state.pis.isKnown && station.state.boards.isKnown).toBe(true);
  onTestFinished(async () => {
    station[Symbol.dispose]();
    await fixture[Symbol.asyncDispose]();
  });
  return { ...fixture, id, station };
}

async function logIn({ desk, questions, pis, id }: Opened): Promise<void> {
  desk.connect(id);
  const trust = await questions.until(({ kind }) => kind === 'host-key');
  desk.answer(trust.id, { kind: 'trust' });
  const password = await questions.until(({ kind }) => kind === 'password');
  desk.answer(password.id, { kind: 'secret', secret: 'horse', keep: false });
  await pis.until((view) => view.status === 'connected');
}

/** The page of the Pi, connected, with a board of the bench wished for. */
async function openPage(options: Parameters<typeof openPis>[0] = {}): Promise<Opened> {
  const opened = await openWindow(options);
  await logIn(opened);
  const pi = opened.station.state.pis.get(opened.id);
  if (pi === null) throw new Error('the window does not know the Pi');
  render(PiPage, { station: opened.station.state, router: new Router(), pi });
  return opened;
}

const click = async (name: string): Promise<void> => {
  await fireEvent.click(await screen.findByRole('button', { name }));
};
const tab = async (name: string): Promise<void> => {
  await fireEvent.click(screen.getByRole('tab', { name }));
};

describe('the screen of a Pi', () => {
  it('goes from the wishes to the plan, applies it with live steps, proves it, and has nothing left to do', async () => {
    const { pi } = await openPage();
    expect(screen.getByLabelText<HTMLInputElement>(new RegExp(words.uuid)).value).toBe(canbusUuid);
    await click(words.makePlan);
    const plan = await screen.findByRole('region', { name: words.plan });
    within(plan).getByText('/etc/systemd/network/25-can.network');
    expect(within(plan).getByRole('table', { name: /printer\.cfg/ }).textContent).toContain(canbusUuid);
    await click(words.apply);
    await screen.findByRole('heading', { name: words.applied });
    expect(pi.links.get('can0')).toMatchObject({ up: true, txQueueLength: 128 });
    expect(screen.queryByRole('region', { name: words.plan })).toBeNull();
    await click(words.prove);
    await screen.findByRole('heading', { name: words.provenTitle });
    screen.getByText(new RegExp(`Klipper talks to .*${canbusUuid}`));
    await click(words.makePlan);
    await screen.findByText(words.nothingTitle);
  });

  it('does not let a plan be applied while the printer prints, and says why', async () => {
    const { pi, desk, id } = await openPage();
    pi.klipper.moonraker.state = { ...pi.klipper.moonraker.state, klippy: 'ready', print: 'printing' };
    await click(words.makePlan);
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('the printer is printing');
    expect(screen.getByRole('button', { name: words.apply })).toHaveProperty('disabled', true);
    expect(desk.view(id).status).toBe('connected');
  });

  it('offers to finish or take back a change that failed on its way', async () => {
    const { pi, desk, id } = await openPage();
    const { plan } = await failHalfway({ pi, desk, id });
    expect(plan.steps.length).toBeGreaterThan(0);
    screen.getByRole('button', { name: words.finish });
    await click(words.rollBack);
    await screen.findByRole('heading', { name: words.undone });
    expect(pi.tree.text(configPath)).not.toContain('canbus_uuid');
  });

  it('shows what taking a change back would do, and warns of a later edit', async () => {
    const { pi } = await openPage();
    await click(words.makePlan);
    await click(words.apply);
    await screen.findByRole('heading', { name: words.applied });
    pi.tree.write(configPath, `${pi.tree.text(configPath) ?? ''}# later\n`);
    await tab(words.areas.changes);
    await click(words.showUndo);
    expect((await screen.findByRole('alert')).textContent).toContain(words.editedTitle);
    await click(words.undoAnyway);
    await screen.findByRole('heading', { name: words.undone });
    expect(pi.tree.text(configPath)).not.toContain('# later');
  });

  it('has facts in a table and the doctor with its worst result first', async () => {
    await openPage();
    await tab(words.areas.facts);
    await screen.findByRole('rowheader', { name: words.facts.stack });
    screen.getByRole('rowheader', { name: 'can0' });
    await tab(words.areas.doctor);
    const first = (await screen.findAllByRole('listitem'))[0];
    expect(first?.textContent).toContain(`${words.verdicts.wrong}:`);
    await fireEvent.click(within(first!).getByRole('button', { name: words.planFix }));
    await screen.findByRole('region', { name: words.plan });
    screen.getByRole('tab', { name: words.areas.plan, selected: true });
  });

  it('brings can0 up now from the doctor, without a plan', async () => {
    const { pi } = await openPage();
    await tab(words.areas.doctor);
    await click(words.bringUp);
    await vi.waitFor(() => expect(pi.links.get('can0')).toMatchObject({ up: true, txQueueLength: 128 }));
    await vi.waitFor(() => expect(screen.queryByRole('button', { name: words.bringUp })).toBeNull());
  });

  it('sets can0 at a rate, takes it down and back, and leads to the build of a bridge with another one', async () => {
    const { pi, records } = await openPage();
    /** The buttons wait while the checks run. */
    const press = async (name: string): Promise<void> => {
      const isReady = () => expect(screen.getByRole('button', { name })).toHaveProperty('disabled', false);
      await vi.waitFor(isReady, { timeout: 20_000 });
      await click(name);
    };
    const link = (state: object): Promise<void> =>
      vi.waitFor(() => expect(pi.links.get('can0')).toMatchObject(state), { timeout: 20_000 });
    await tab(words.areas.doctor);
    const rate = await screen.findByLabelText(words.bitrate);
    await fireEvent.input(rate, { target: { value: '500000' } });
    await press(words.can.up);
    await link({ up: true, bitrateBps: 500_000 });
    const build = await screen.findByRole(
      'link',
      { name: words.rebuild('the bridge can0', 500_000) },
      { timeout: 20_000 },
    );
    expect(build.getAttribute('href')).toBe(`#/firmware/${encodeURIComponent('build++500000')}`);
    await press(words.can.down);
    await link({ up: false });
    await press(words.can.back);
    await link({ txQueueLength: 10 });
    const known = { presetId: 'btt-octopus', variantId: 'f446', version: null, bitrateBps: 1_000_000 };
    records.set(canbusUuid, { canbusUuid, ...known });
    await press(words.can.up);
    const alert = await screen.findByRole('alert', {}, { timeout: 20_000 });
    expect(alert.textContent).toContain('pi/rate-compiled-in');
    expect(
      within(alert)
        .getByRole('link', { name: words.rebuild('the bridge can0', 500_000) })
        .getAttribute('href'),
    ).toBe(`#/firmware/${encodeURIComponent('build+btt-octopus:f446+500000')}`);
  });

  it('has tabs that are one stop for the Tab key and are gone through with the arrows', async () => {
    await openPage();
    const names = Object.values(words.areas);
    const tabs = names.map((name) => screen.getByRole('tab', { name }));
    const shown = (): (string | null)[] => tabs.map((each) => each.getAttribute('tabindex'));
    expect(shown()).toEqual(['0', '-1', '-1', '-1']);
    tabs[0]!.focus();
    await fireEvent.keyDown(tabs[0]!, { key: 'ArrowLeft' });
    expect(document.activeElement).toBe(tabs[3]);
    expect(shown()).toEqual(['-1', '-1', '-1', '0']);
    await fireEvent.keyDown(tabs[3]!, { key: 'ArrowRight' });
    await fireEvent.keyDown(tabs[0]!, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(tabs[1]);
    expect(screen.getByRole('tabpanel', { name: names[1]! })).toBeTruthy();
    await fireEvent.keyDown(tabs[1]!, { key: 'End' });
    await fireEvent.keyDown(tabs[3]!, { key: 'Home' });
    screen.getByRole('tab', { name: names[0]!, selected: true });
  });
});

/** A change that stops in the middle: networkd refuses. */
async function failHalfway({ pi, desk, id }: Pick<Opened, 'pi' | 'desk' | 'id'>) {
  const wishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid }] };
  const plan = await desk.plan({ id, wishes }, new AbortController().signal);
  pi.systemd.systemctl(['disable', '--now', 'systemd-networkd.service']);
  desk.jobs.apply({ id, planId: plan.planId, confirmedIdle: false });
  await screen.findByText(texts.jobStatus.failed, { selector: 'h2' });
  pi.systemd.systemctl(['enable', '--now', 'systemd-networkd.service']);
  return { plan };
}

describe('what a login asks', () => {
  it('gets one reply: the key by a look at the fingerprint, the password by typing, stored nowhere in the page', async () => {
    const opened = await openWindow();
    const { station, desk, id, questions, pis } = opened;
    desk.connect(id);
    const trust = await questions.until(({ kind }) => kind === 'host-key');
    const first = render(PiQuestionDialog, { station: station.state, question: trust });
    screen.getByText('SHA256:abc');
    await click(words.trust);
    first.unmount();
    const question = await questions.until(({ kind }) => kind === 'password');
    render(PiQuestionDialog, { station: station.state, question });
    const field = screen.getByLabelText<HTMLInputElement>(words.secretOf.password('pi@voron'));
    expect(field.type).toBe('password');
    await fireEvent.input(field, { target: { value: 'horse' } });
    await click(words.answer);
    expect(field.value).toBe('');
    await pis.until(({ status }) => status === 'connected');
    expect(document.documentElement.outerHTML).not.toContain('horse');
  });

  it.each([
    [false, 'text'],
    [true, 'password'],
  ])('is shown in the words of the server, hidden or not (%s), and never kept', async (isHidden, type) => {
    const questions = new PiQuestions();
    const secrets = new SessionSecrets();
    const kept: string[] = [];
    const asker = new PiAsker({ piId: 'a', questions, secrets, onKept: (name) => kept.push(name) });
    const asked = asker.questions(new AbortController().signal);
    const reply = asked.prompt({ label: 'pi@voron', instructions: 'Duo', prompt: 'Passcode:', isHidden });
    const { value } = await questions.follow(new AbortController().signal).next();
    const [question] = value?.type === 'all' ? value.items : [];
    const answers: PiAnswer[] = [];
    const client = { call: (_: string, input: { answer: PiAnswer }) => answers.push(input.answer) };
    render(PiQuestionDialog, { station: { client } as never, question: question! });
    screen.getByText(words.promptOf('pi@voron', 'Duo'));
    const field = screen.getByLabelText<HTMLInputElement>('Passcode:');
    expect(field.type).toBe(type);
    expect(screen.queryByRole('checkbox')).toBeNull();
    await fireEvent.input(field, { target: { value: '123456' } });
    await click(words.answer);
    expect(answers).toEqual([{ kind: 'secret', secret: '123456', keep: false }]);
    questions.answer(question!.id, answers[0]!);
    expect(await reply).toBe('123456');
    expect(kept).toEqual([]);
  });

  it('is given up by the quiet button, and the Pi is refused with the reason', async () => {
    const { station, desk, id, questions, pis } = await openWindow();
    desk.connect(id);
    const question = await questions.until(({ kind }) => kind === 'host-key');
    render(PiQuestionDialog, { station: station.state, question });
    await click(words.doNotTrust);
    expect((await pis.until(({ status }) => status === 'refused')).error?.code).toBe('ssh/host-key-unknown');
  });
});

describe('a Pi that shows another key', () => {
  it('is taken for a new one after a person says that it was set up again', async () => {
    const { station, desk, id, keys, pis, questions } = await openWindow();
    keys.isChanged = true;
    desk.connect(id);
    await pis.until(({ status }) => status === 'refused');
    await expect.poll(() => station.state.pis.get(id)?.status).toBe('refused');
    const pi = station.state.pis.get(id)!;
    render(PiPage, { station: station.state, router: new Router(), pi });
    await click(words.setUpAgain);
    // It shows its fingerprint, as a new one does.
    await questions.until(({ kind }) => kind === 'host-key');
    expect(keys.forgottenOf).toEqual(['[voron]:2222']);
  });
});

describe('the list of Pis', () => {
  it('says that there is none yet and takes one', async () => {
    const { station, desk, id } = await openWindow();
    await desk.remove(id);
    await expect.poll(() => station.state.pis.ids.length).toBe(0);
    render(PiList, { station: station.state, router: new Router(), virtual: virtualToggle() });
    screen.getByText(words.emptyTitle);
    await click(words.add);
    await fireEvent.input(screen.getByLabelText(new RegExp(words.target)), {
      target: { value: 'pi@octo:2222' },
    });
    await click(words.add);
    await screen.findByText('pi@octo:2222');
    expect(station.state.pis.all).toMatchObject([{ host: 'octo', user: 'pi', port: 2222, status: 'away' }]);
  });
});
