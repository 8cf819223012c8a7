import { expect, it } from 'vitest';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { VirtualWire } from './virtual-wire.ts';

/** How many round trips each of these commands takes, one after the other. */
async function roundTripsOf(wire: VirtualWire, shell: SshShell, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < count; n += 1) {
    taken.push(await wire.roundTripsOf(shell.run({ argv: ['step', String(n)] }, { timeoutMs: 5_000 })));
  }
  return taken;
}

it('opens sessions ahead, so that a row of commands takes hardly more than a round trip each', async () => {
  const wire = new VirtualWire();
  const shell = new SshShell(wire.connection);
  const taken = await roundTripsOf(wire, shell, 12);
  // Each would take three with its own session.
  expect(taken[0]).toBe(3);
  expect(taken.slice(3)).toEqual(taken.slice(3).map(() => 1));
  expect(taken.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(16);
});

it('opens one session ahead of a single command, and three of a row of them', async () => {
  const wire = new VirtualWire();
  const shell = new SshShell(wire.connection);
  await roundTripsOf(wire, shell, 1);
  await wire.settle();
  const unused = () => wire.channels.filter(({ received }) => received.length === 0).length;
  expect(unused()).toBe(1);
  await roundTripsOf(wire, shell, 5);
  await wire.settle();
  expect(unused()).toBe(3);
});

it('sends nothing to a session before a command is for it', async () => {
  const wire = new VirtualWire();
  const shell = new SshShell(wire.connection);
  await roundTripsOf(wire, shell, 4);
  for (const { received } of wire.channels) expect(received.length).toBeLessThanOrEqual(1);
  expect(wire.channels.filter(({ received }) => received.length === 1)).toHaveLength(4);
});

/** A wire with one command done and one session that waits. */
async function waiting() {
  const wire = new VirtualWire();
  const shell = new SshShell(wire.connection);
  await roundTripsOf(wire, shell, 1);
  await wire.settle();
  const session = wire.channels.at(-1)!;
  expect(session.received).toEqual([]);
  return { wire, shell, session };
}

it('passes a session over whose login shell ended while it waited', async () => {
  const { wire, shell, session } = await waiting();
  session.finish(1);
  await wire.settle();
  expect(await roundTripsOf(wire, shell, 1)).toEqual([3]);
  expect(session.received).toEqual([]);
});

it('runs a command in another session where the one that waited ended before it ran it', async () => {
  const { wire, shell, session } = await waiting();
  session.endsFirst = true;
  expect(await roundTripsOf(wire, shell, 1)).toEqual([4]);
  expect(session.received).toHaveLength(1);
});

it('gives up a session that speaks before a command is for it', async () => {
  const { wire, shell, session } = await waiting();
  session.push('Your disk is full.\n');
  await wire.settle();
  expect(await roundTripsOf(wire, shell, 1)).toEqual([3]);
  expect(session.received).toEqual([]);
});

it('opens pipes to a port ahead, and passes one over that the far end has closed', async () => {
  const wire = new VirtualWire();
  const shell = new SshShell(wire.connection);
  const connect = () => wire.roundTripsOf(shell.connectTo('127.0.0.1', 7125));
  expect(await connect()).toBe(1);
  await wire.settle();
  expect([await connect(), await connect()]).toEqual([0, 0]);
  await wire.settle();
  for (const pipe of wire.pipes.slice(-2)) pipe.end();
  await wire.settle();
  expect(await connect()).toBe(1);
});
