import { afterEach, describe, expect, it } from 'vitest';
import { PiSession } from '../../../app/pi/pi-session.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { VirtualPiHost } from '../../../main/sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../../main/sim/pi/virtual-pi.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { adapter } from '../sim/pi/virtual-pi-fixture.ts';

const path = '/etc/network/interfaces.d/can0';
const old =
  'allow-hotplug can0\niface can0 can static\n    bitrate 500000\n    up ip link set $IFACE txqueuelen 1024\n';

let opened: VirtualPi | null = null;
afterEach(() => {
  opened?.dispose();
  opened = null;
});

/** A Pi with a file that only root may read, and sudo with a password. */
function open(files: Readonly<Record<string, string>> = { [path]: old }) {
  const clock = new VirtualClock();
  const pi = new VirtualPi({ clock, flavour: 'ifupdown', klipperVersion: 'v0.13.0', sudoPassword: 'horse' });
  opened = pi;
  pi.plug(adapter());
  for (const [name, text] of Object.entries(files)) pi.tree.write(name, text, { mode: 0o600 });
  const asked: number[] = [];
  const logIn = () =>
    new PiSession(new VirtualPiHost(pi), { clock, now: () => new Date(0), random: () => 0.5 });
  const password = (given: string | null) => (attempt: number) => {
    asked.push(attempt);
    return Promise.resolve(given);
  };
  const follow = async (run: AsyncIterable<unknown>) => {
    for await (const event of run) expect(event).toBeDefined();
  };
  return { pi, asked, logIn, password, follow };
}

describe('a file that only root may read', () => {
  it('is read as root for a plan, which says so, changed with its mode kept, and restored', async () => {
    const { pi, asked, logIn, password, follow } = open();
    const session = logIn();
    const plan = await session.plan(defaultWishes, undefined, { ask: password('horse') });
    expect(plan.blockers).toEqual([]);
    expect(plan.notes).toContainEqual({
      kind: 'note',
      text: `Read as root, because pi may not read it: ${path}.`,
    });
    const step = plan.steps.find((each) => each.kind === 'file' && each.path === path);
    expect(step).toMatchObject({ asRoot: true, before: new TextEncoder().encode(old) });
    const consent = { askPassword: password('horse'), confirmedIdle: false };
    await follow(session.apply(plan, consent));
    expect(asked).toEqual([1]);
    expect(pi.tree.text(path)).toContain('bitrate 1000000');
    expect(pi.tree.get(path)).toMatchObject({ mode: 0o600, owner: 'root' });
    // Another connection, which is not root yet.
    const later = logIn();
    const { id } = await later.journal(() => true);
    expect(await later.undoPreview(id, password('horse'))).toContainEqual(
      expect.objectContaining({ path, standing: 'new', before: new TextEncoder().encode(old) }),
    );
    await follow(logIn().undo(id, false, consent));
    expect(pi.tree.text(path)).toBe(old);
    expect(asked).toEqual([1, 1, 1]);
  });

  it('blocks the plan without a password, and nothing is written', async () => {
    const { pi, asked, logIn, password, follow } = open();
    const session = logIn();
    const plan = await session.plan(defaultWishes, undefined, { ask: password(null) });
    expect(plan.blockers).toMatchObject([
      {
        code: 'pi/file-unreadable',
        text: expect.stringContaining(`${path} exists, but pi may not`) as string,
      },
    ]);
    const consent = { askPassword: password('horse'), confirmedIdle: false };
    await expect(follow(session.apply(plan, consent))).rejects.toMatchObject({ state: 'pi-untouched' });
    expect(asked).toEqual([1]);
    expect(pi.tree.text(path)).toBe(old);
    expect((await session.look()).facts.journals).toEqual([]);
  });

  it('is not replaced where it was changed after root had read it', async () => {
    const { pi, logIn, password, follow } = open();
    const session = logIn();
    const plan = await session.plan(defaultWishes, undefined, { ask: password('horse') });
    pi.tree.write(path, `${old}# later\n`);
    const consent = { askPassword: password('horse'), confirmedIdle: false };
    await expect(follow(session.apply(plan, consent))).rejects.toMatchObject({
      code: 'pi/changed-since-plan',
      state: 'pi-untouched',
    });
    expect((await session.look()).facts.journals).toEqual([]);
    expect(pi.tree.text(path)).toBe(`${old}# later\n`);
  });

  it('stays unread if it is about another kind of network: a password is not asked for', async () => {
    const { asked, logIn, password } = open({
      '/etc/systemd/network/wg0.netdev': '[WireGuard]\nPrivateKey=k\n',
    });
    const plan = await logIn().plan(defaultWishes, undefined, { ask: password('horse') });
    expect([asked, plan.blockers]).toEqual([[], []]);
  });

  it('is unknown to the doctor, which asks for no password, until the connection has it', async () => {
    const { logIn, password } = open();
    const session = logIn();
    const stack = async () => (await session.doctor(defaultWishes)).find(({ id }) => id === 'stack')?.answer;
    expect(await stack()).toContain(`${path} exists, but pi may not read it`);
    await session.plan(defaultWishes, undefined, { ask: password('horse') });
    expect(await stack()).toContain('Yes');
  });
});
