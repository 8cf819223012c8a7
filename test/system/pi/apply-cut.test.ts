import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../app/errors.ts';
import { applyPlan, resumePlan } from '../../../app/pi/apply.ts';
import type { ChangeEvent } from '../../../app/pi/change-event.ts';
import { parseJournal } from '../../../app/pi/journal.ts';
import type { PiHost } from '../../../app/pi/pi-host.ts';
import { standingOf } from '../../../app/pi/standing.ts';
import { undoPlan } from '../../../app/pi/undo.ts';
import { spread } from '../../counts.ts';
import { consent, follow, planFor, snapshot } from './change-fixture.ts';
import { canLink, startLoopbackPi, type LoopbackPi } from './loopback-pi.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A system where a plan has every kind of step: new, changed and removed files, commands, Klipper's restart. */
const files = {
  '/etc/network/interfaces.d/can0': 'allow-hotplug can0\niface can0 can static\n    bitrate 500000\n',
  '/etc/udev/rules.d/10-can.rules':
    'SUBSYSTEM=="net", ACTION=="change|add", KERNEL=="can*", ATTR{tx_queue_len}="1024"\n',
  '/etc/systemd/network/25-can.network': '[Match]\nName=can*\n\n[CAN]\nBitRate=500K\n',
};

/** As `snapshot`, without times: a file that was put back by a copy has its old time anyway. */
async function contents(pi: LoopbackPi): Promise<Map<string, string>> {
  const all = await snapshot(pi.root);
  return new Map([...all].filter(([name]) => !/\/\.canopus-.*\.tmp$/.test(name)));
}

/** Every one of these runs a whole apply and its end dozens of times. */
const timeout = 600_000;

/** The printer that is set up; where there is another one, that is the first, which must never be told anything. */
const cases = [
  ['one printer', null, 'OpenSSH'],
  ['two printers', 'printer_2', 'OpenSSH'],
  ['two printers behind dropbear', 'printer_2', 'dropbear'],
] as const;

describe.each(cases)(
  'a connection that breaks while a plan is applied to %s',
  { timeout },
  (_, printer, sshServer) => {
    let pi: LoopbackPi;
    let proxy: TcpProxy;
    let before: Map<string, string>;
    let after: Map<string, string>;
    let steps: number;

    const connect = (): Promise<PiHost> => pi.connect({ port: proxy.port });

    beforeAll(async () => {
      pi = await startLoopbackPi({
        ...{ flavour: 'networkd', files, links: [canLink({ bitrate: 500_000 })], sshServer },
        ...(printer === null ? {} : { others: { [printer]: {} } }),
      });
      proxy = await startTcpProxy(pi.server.port);
      before = await contents(pi);
      await using host = await connect();
      const plan = await planFor(host, { printer });
      steps = plan.steps.length;
      expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
      after = await contents(pi);
      await undo(host);
      expect(await contents(pi)).toEqual(before);
    });
    afterEach(() => {
      if (printer === null) return;
      const told = [...pi.moonrakers].map(([name, { requests }]) => [
        name,
        requests.some((each) => each.startsWith('POST ')),
      ]);
      expect(Object.fromEntries(told)).toEqual({ printer: false, [printer]: true });
    });
    afterAll(async () => {
      await proxy[Symbol.asyncDispose]();
      await pi[Symbol.asyncDispose]();
    });

    async function lastJournal(host: PiHost) {
      const { journals } = await host.look();
      const last = journals.at(-1)!;
      return { state: last.state, journal: parseJournal(last.text) };
    }

    async function undo(host: PiHost) {
      const { journal } = await lastJournal(host);
      const { error } = await follow(undoPlan(host, journal, consent()));
      expect(error).toBeNull();
    }

    /** Each file of the plan holds the old content or the new one: nothing in between. */
    async function expectOldOrNew(): Promise<void> {
      for (const [name, now] of await contents(pi)) {
        const content = (text: string | undefined) => text?.slice(text.indexOf('\n'));
        if (/\.bak$/.test(name)) continue;
        expect([content(before.get(name)), content(after.get(name))], name).toContain(content(now));
      }
      for (const name of before.keys()) {
        if (!after.has(name)) continue;
        expect((await contents(pi)).has(name), name).toBe(true);
      }
    }

    /** Cuts, connects again, sees where it stands, finishes or goes back, and checks the end of it. */
    async function survive(end: 'finish' | 'back', onEvent: (event: ChangeEvent) => void): Promise<void> {
      {
        const host = await connect();
        const plan = await planFor(host, { printer });
        const { error } = await follow(applyPlan(host, plan, consent()), onEvent);
        expect(error).toMatchObject({ code: 'shell/lost' });
        expect(['pi-unknown', 'pi-untouched']).toContain(isCanopusError(error) ? error.state : null);
        await host[Symbol.asyncDispose]();
      }
      await expectOldOrNew();
      await using host = await connect();
      const { state, journal } = await lastJournal(host);
      // The last step may have gone through although its reply was lost.
      expect(['open', 'applied']).toContain(state);
      for (const { standing } of await standingOf(host, journal)) expect(['old', 'new']).toContain(standing);
      if (end === 'finish') {
        const { error } = await follow(resumePlan(host, journal, consent()));
        expect(error).toBeNull();
        const now = await contents(pi);
        expect([...now.keys()].filter((name) => !name.endsWith('.bak'))).toEqual(
          [...after.keys()].filter((name) => !name.endsWith('.bak')),
        );
        await expectOldOrNew();
        expect((await lastJournal(host)).state).toBe('applied');
      }
      await undo(host);
      expect(await contents(pi)).toEqual(before);
    }

    // Before a step's command is sent is when the one before it is done.
    const moments = ['while its command runs', 'when it is done'] as const;

    it.each(moments)('after every single step: %s', async (moment) => {
      expect(steps).toBeGreaterThan(6);
      for (const [turn, step] of spread(steps, 4).entries()) {
        const end = turn % 2 === 0 ? 'finish' : 'back';
        await survive(end, (event) => {
          if (event.type !== 'pi-step' || event.index !== step) return;
          if (event.outcome === 'started' && moment === 'while its command runs') proxy.cutOnAnswer();
          if (event.outcome === 'done' && moment === 'when it is done') proxy.cut();
        });
      }
    });

    it('at any byte of the journal or of a step', async () => {
      // Where an apply without a cut begins and ends, in bytes that the station sends.
      const host = await connect();
      const plan = await planFor(host, { printer });
      const from = proxy.clientBytes;
      expect((await follow(applyPlan(host, plan, consent()))).error).toBeNull();
      const total = proxy.clientBytes - from;
      await undo(host);
      await host[Symbol.asyncDispose]();
      const cuts = 8;
      for (const place of spread(cuts - 1, 3)) {
        const cut = place + 1;
        const victim = await connect();
        const its = await planFor(victim, { printer });
        proxy.cutAfter(Math.floor((total * cut) / cuts));
        const { error } = await follow(applyPlan(victim, its, consent()));
        expect(error).toMatchObject({ code: 'shell/lost' });
        await victim[Symbol.asyncDispose]();
        await expectOldOrNew();
        await using again = await connect();
        const { journals } = await again.look();
        if (journals.some(({ state }) => state === 'open')) await undo(again);
        expect(await contents(pi)).toEqual(before);
      }
    });

    it('leaves a plan that was announced and never begun out of the way of the next one', async () => {
      const victim = await connect();
      const plan = await planFor(victim, { printer });
      const { error } = await follow(applyPlan(victim, plan, consent()), (event) => {
        if (event.type === 'pi-journal') proxy.cut();
      });
      expect(error).toMatchObject({ code: 'shell/lost' });
      await victim[Symbol.asyncDispose]();
      await using host = await connect();
      expect((await host.look()).journals.at(-1)?.state).toBe('open');
      expect((await follow(applyPlan(host, await planFor(host, { printer }), consent()))).error).toBeNull();
      await undo(host);
      expect(await contents(pi)).toEqual(before);
    });
  },
);
