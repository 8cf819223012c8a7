import type { PortPath } from '../../../app/place.ts';
import { usbPlace } from '../../../app/place.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BenchWorld } from './bench-world.ts';
import { cases } from '../../counts.ts';

const boardCount = 64;
/** A session goes on after a sequence of mishaps; to bring all boards to their end takes longer than the mishaps. */
const sequencesPerSession = 4;

/** mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One thing that hands, cables or the power company do. */
function meddle(world: BenchWorld, random: () => number): void {
  const any = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const board = any(world.boards);
  const dice = random();
  if (dice < 0.3) world.plug(board, BenchWorld.portOf(board.index));
  else if (dice < 0.4) world.plug(board, BenchWorld.portOf(Math.floor(random() * boardCount)));
  else if (dice < 0.52) world.unplug(board);
  else if (dice < 0.62) swap(world, board, any(world.boards));
  else if (dice < 0.8) world.powerCycle(board, random() < 0.5);
  else if (dice < 0.84) dropHub(world, 1 + Math.floor(random() * 8));
  else if (dice < 0.87) world.tell({ type: 'retry', places: null });
  else if (dice < 0.89) world.tell({ type: 'cancel', places: null });
  else if (dice < 0.91) world.tell({ type: 'disarm', recipeId: null });
  else if (dice < 0.96) world.arm();
  else if (dice < 0.98) world.pass(3_000);
  else world.crash();
}

function swap(world: BenchWorld, a: BenchWorld['boards'][number], b: BenchWorld['boards'][number]): void {
  const [portA, portB] = [a.port, b.port];
  if (a === b || portA === null || portB === null) return;
  world.unplug(a);
  world.unplug(b);
  world.plug(a, portB);
  world.plug(b, portA);
}

function dropHub(world: BenchWorld, hub: number): void {
  for (const board of world.boards) if (board.port?.startsWith(`1-${hub}.`) === true) world.unplug(board);
}

/** Everything where it belongs, then as often as it takes what a person does with red and yellow slots. */
function finishByHand(world: BenchWorld): void {
  world.arm();
  for (const board of world.boards) world.unplug(board);
  world.pass(10_000);
  for (const board of world.boards) {
    board.jumper = !world.doneUids.has(board.uid);
    world.plug(board, BenchWorld.portOf(board.index));
  }
  for (let round = 0; round < 12 && world.doneUids.size < world.boards.length; round += 1) {
    for (let turn = 0; turn < 400 && !world.isQuiet; turn += 1) {
      world.turn();
      // Whoever is asked for the jumper takes it off.
      for (const job of world.jobs.values()) {
        const board = world.boards.find(({ port }) => port !== null && usbPlace(port) === job.place);
        if (job.step === 'bridge' && board?.running === 'dfu') world.powerCycle(board, false);
      }
    }
    // What shows nothing, or is left alone in a mode that was not chosen, is put into its ROM again; what stays red is
    // tried again.
    const isLeftAlone = (port: PortPath | null): boolean =>
      world.bench.slots.some(
        ({ place, why }) => port !== null && place === usbPlace(port) && why === 'other-mode',
      );
    for (const board of world.boards) {
      const needsHands = board.running === 'silent' || isLeftAlone(board.port);
      if (needsHands && !world.doneUids.has(board.uid)) world.powerCycle(board, true);
    }
    world.tell({ type: 'retry', places: null });
  }
}

it(
  'never gives a board a wrong image, loses no record and leaves no slot stuck, whatever happens: 64 boards',
  { timeout: 120_000 },
  () => {
    fc.assert(
      fc.property(fc.noShrink(fc.integer()), (seed) => {
        const random = randomFrom(seed);
        const world = new BenchWorld(boardCount, random);
        world.arm();
        for (let sequence = 0; sequence < sequencesPerSession; sequence += 1) {
          for (let count = 0; count < 60; count += 1) {
            meddle(world, random);
            if (random() < 0.7) world.turn();
          }
          expect(world.faults).toEqual([]);
        }
        finishByHand(world);
        expect(world.faults).toEqual([]);
        const open = world.boards.filter(({ uid }) => !world.doneUids.has(uid));
        expect(open.map(({ uid, running, port }) => [uid, running, port])).toEqual([]);
        const recorded = world.bench.outcomes.filter(({ result }) => result === 'done').map(({ uid }) => uid);
        expect(recorded.sort()).toEqual([...world.doneUids].sort());
        expect(
          world.bench.slots.filter(({ stage }) => ['probing', 'asking', 'writing'].includes(stage)),
        ).toEqual([]);
      }),
      { numRuns: cases(1_000 / sequencesPerSession) },
    );
  },
);
