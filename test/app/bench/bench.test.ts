import { usbPlace } from '../../../app/place.ts';
import { describe, expect, it } from 'vitest';
import { overlappingRecipe } from '../../../app/bench/bench.ts';
import { benchCounts } from '../../../app/bench/bench-state.ts';
import {
  chipFacts,
  f407,
  f407Facts,
  f429,
  f429Facts,
  f446,
  f446Facts,
  inDfu,
  otherUid,
  speaking,
  ToldBench,
  uid,
} from './bench-fixture.ts';

const hands = 2000;

describe('an armed bench', () => {
  it('touches nothing before it is armed', () => {
    const bench = new ToldBench().see(inDfu('usb:1-1'), speaking('usb:1-2', 'katapult', otherUid));
    expect(bench.wants).toEqual([]);
    expect(bench.state.slots).toMatchObject([{ why: 'not-armed' }, { why: 'not-armed' }]);
  });

  it('probes what is in DFU, then starts the recipe that fits, whether it was there before or comes later', () => {
    const bench = new ToldBench().see(inDfu('usb:1-1')).tell({ type: 'arm', recipe: f446 });
    expect(bench.wants).toEqual([{ type: 'probe', place: 'usb:1-1', boardId: 'usb:1-1#1' }]);
    bench.see(inDfu('usb:1-1'), inDfu('usb:1-2', 2));
    expect(bench.wants).toEqual([{ type: 'probe', place: 'usb:1-2', boardId: 'usb:1-2#2' }]);
    bench.tell({ type: 'probed', place: 'usb:1-2', boardId: 'usb:1-2#2', facts: f446Facts });
    expect(bench.wants).toMatchObject([{ type: 'start', place: 'usb:1-2', recipe: { id: f446.id } }]);
  });

  it('starts a board in BOOTSEL without a probe, since its ids name the chip, and refuses another chip', () => {
    const rp2040 = { ...f446, id: 'rp2040', mcu: 'rp2040', markings: ['RP2040'] };
    const bench = new ToldBench().tell({ type: 'arm', recipe: rp2040 });
    const bootsel = { mode: 'bootsel', serial: 'E0C9125B0D9B' } as const;
    bench.see(inDfu('usb:1-1', 1, { ...bootsel, mcu: 'rp2040' }));
    expect(bench.wants).toMatchObject([{ type: 'start', place: 'usb:1-1', recipe: { id: 'rp2040' } }]);
    bench.see(inDfu('usb:1-2', 1, { ...bootsel, mcu: 'rp2350' }));
    expect(bench.wants).toEqual([]);
    expect(bench.slot('usb:1-2')).toMatchObject({ stage: 'refused', trouble: { code: 'bench/no-recipe' } });
  });

  it('leaves a board in BOOTSEL alone if its recipe is for boards in Katapult', () => {
    const recipe = { ...f446, id: 'rp2040', mcu: 'rp2040', modes: ['katapult'] as const };
    const bench = new ToldBench().tell({ type: 'arm', recipe });
    bench.see(inDfu('usb:1-1', 1, { mode: 'bootsel', mcu: 'rp2040' }));
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'idle', why: 'other-mode' });
  });

  it('chooses among recipes by what the chip describes, each board its own', () => {
    const bench = new ToldBench();
    for (const recipe of [f446, f407, f429]) bench.tell({ type: 'arm', recipe });
    bench.see(inDfu('usb:1-1'), inDfu('usb:1-2'), inDfu('usb:1-3'));
    const chosen = [f446Facts, f407Facts, f429Facts].map((facts, index) => {
      const place = usbPlace(`1-${index + 1}`);
      bench.tell({ type: 'probed', place, boardId: `${place}#1`, facts });
      return bench.slot(place).recipeId;
    });
    expect(chosen).toEqual([f446.id, f407.id, f429.id]);
  });

  it('refuses by name a board that no armed recipe fits, and goes on with the others', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'), inDfu('usb:1-2'));
    bench.tell({ type: 'probed', place: 'usb:1-1', boardId: 'usb:1-1#1', facts: f407Facts });
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'refused', trouble: { code: 'bench/no-recipe' } });
    expect(bench.slot('usb:1-1').trouble?.message).toContain('1024 KiB');
    expect(bench.state.signal).toMatchObject({ kind: 'failed', place: 'usb:1-1' });
    bench.begin('usb:1-2');
    expect(bench.slot('usb:1-2').stage).toBe('writing');
  });

  it.each([
    ['another recipe is armed', (bench: ToldBench) => bench.tell({ type: 'arm', recipe: f407 })],
    [
      'its recipe is armed anew',
      (bench: ToldBench) =>
        bench.tell({ type: 'disarm', recipeId: f446.id }).tell({ type: 'arm', recipe: f446 }),
    ],
    ['a new session begins', (bench: ToldBench) => bench.tell({ type: 'new-session' })],
  ])('does not probe a board twice at once where %s meanwhile', (_, change) => {
    const bench = change(new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1')));
    expect(bench.slot('usb:1-1').stage).toBe('probing');
    expect(bench.wants).toEqual([]);
    bench.begin('usb:1-1');
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'writing', recipeId: f446.id });
  });

  it('judges a board by the recipes that are armed when its probe replies', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    bench.tell({ type: 'arm', recipe: f407 }).begin('usb:1-1', f407Facts);
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'writing', recipeId: f407.id });
  });

  describe('where the ROM reports a serial number that the chosen chip never has', () => {
    const halfMiB = chipFacts('stm32f407xx', 512, '207B33A34331');
    const refused = (): ToldBench => {
      const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
      return bench.tell({ type: 'probed', place: 'usb:1-1', boardId: 'usb:1-1#1', facts: halfMiB });
    };

    it('asks for the marking on that slot and writes nothing', () => {
      const bench = refused();
      const { stage, trouble } = bench.slot('usb:1-1');
      expect(stage).toBe('refused');
      expect(trouble).toMatchObject({ code: 'chip/marking-needed', state: 'untouched' });
      expect(bench.wants).toEqual([]);
    });

    it('goes on with a marking that bears the choice out, which goes with the order', () => {
      const bench = refused();
      bench.tell({ type: 'vouch', place: 'usb:1-1', chipMarking: 'STM32F446ZET6' });
      expect(bench.wants).toMatchObject([{ type: 'probe', place: 'usb:1-1' }]);
      bench.tell({ type: 'probed', place: 'usb:1-1', boardId: 'usb:1-1#1', facts: halfMiB });
      const confirmations = { chipMarking: 'STM32F446ZET6', crystalHz: null };
      expect(bench.wants).toMatchObject([{ type: 'start', recipe: { id: f446.id }, confirmations }]);
    });

    it('refuses a marking that contradicts the recipe', () => {
      const bench = refused();
      bench.tell({ type: 'vouch', place: 'usb:1-1', chipMarking: 'STM32F407ZET6' });
      bench.tell({ type: 'probed', place: 'usb:1-1', boardId: 'usb:1-1#1', facts: halfMiB });
      expect(bench.slot('usb:1-1').trouble).toMatchObject({ code: 'chip/marking-mismatch' });
    });

    it('gives it the recipe for its chip where that is armed too', () => {
      const bench = refused();
      bench.tell({ type: 'arm', recipe: f407 }).begin('usb:1-1', halfMiB);
      expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'writing', recipeId: f407.id });
    });

    it('forgets the marking with its board', () => {
      const bench = refused();
      bench.tell({ type: 'vouch', place: 'usb:1-1', chipMarking: 'STM32F446ZET6' });
      bench.see().pass(hands).see(inDfu('usb:1-1', 2));
      bench.tell({ type: 'probed', place: 'usb:1-1', boardId: 'usb:1-1#2', facts: halfMiB });
      expect(bench.slot('usb:1-1').trouble).toMatchObject({ code: 'chip/marking-needed' });
      // The board is gone already when the marking is entered.
      bench.see().tell({ type: 'vouch', place: 'usb:1-1', chipMarking: 'STM32F446ZET6' });
      bench.see(inDfu('usb:1-1', 3));
      expect(bench.slot('usb:1-1').chipMarking).toBeNull();
    });
  });

  it('refuses a board that two armed recipes fit', () => {
    const f405 = { ...f407, id: 'f405', mcu: 'stm32f405xx' };
    const bench = new ToldBench().tell({ type: 'arm', recipe: f407 }).tell({ type: 'arm', recipe: f405 });
    bench.see(inDfu('usb:1-1')).tell({
      type: 'probed',
      place: 'usb:1-1',
      boardId: 'usb:1-1#1',
      facts: f407Facts,
    });
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'refused', trouble: { code: 'bench/ambiguous' } });
    expect(bench.wants).toEqual([]);
  });

  it('does not begin again with a board that comes back as a bridge after its own flash', () => {
    const recipe = { ...f446, modes: ['dfu', 'katapult', 'outdated-bridge'] as const };
    const bench = new ToldBench().tell({ type: 'arm', recipe }).see(inDfu('usb:1-1'));
    const job = bench.begin('usb:1-1');
    bench.see(speaking('usb:1-1', 'katapult')).see(speaking('usb:1-1', 'can-bridge')).end(job, 'done');
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'done', uid });
    bench.see().pass(hands).see(speaking('usb:1-1', 'can-bridge'));
    expect(bench.wants).toEqual([]);
    expect(bench.slot('usb:1-1').stage).toBe('done');
  });

  it('never begins a second time with a chip that is done, in whatever slot and mode, unless asked to', () => {
    const recipe = { ...f446, modes: ['dfu', 'katapult'] as const };
    const bench = new ToldBench().tell({ type: 'arm', recipe }).see(inDfu('usb:1-1'));
    bench.end(bench.begin('usb:1-1'), 'done');
    bench.see().pass(hands).see(speaking('usb:1-2', 'katapult'));
    expect(bench.slot('usb:1-2')).toMatchObject({ stage: 'idle', why: 'done-before' });
    expect(bench.wants).toEqual([]);
    bench.tell({ type: 'again', place: 'usb:1-2' });
    expect(bench.wants).toMatchObject([{ type: 'start', place: 'usb:1-2', evenIfDone: true }]);
    bench.end(bench.start('usb:1-2'), 'done');
    expect(benchCounts(bench.state)).toMatchObject({ done: 1, failed: 0 });
  });

  it('passes over a chip that only says in DFU that it is done, once', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    const job = bench.begin('usb:1-1');
    const trouble = { code: 'bench/already-done', message: '', state: 'untouched' } as const;
    bench.tell({ type: 'job', jobId: job, status: 'failed', uid, canbusUuid: null, trouble });
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'idle', why: 'done-before' });
    expect(bench.see(inDfu('usb:1-1')).wants).toEqual([]);
    expect(benchCounts(bench.state)).toMatchObject({ done: 0, failed: 0 });
  });

  it('takes the next board on a slot where one is done', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    bench.end(bench.begin('usb:1-1'), 'done');
    bench.see().see(inDfu('usb:1-1', 9));
    expect(bench.wants).toEqual([{ type: 'probe', place: 'usb:1-1', boardId: 'usb:1-1#9' }]);
  });

  // As the ROM of an F407 makes it of this UID, and of another one.
  const own = '365337723331';
  it.each([
    { serial: own, after: 300, probes: 0 },
    { serial: '207B33A34331', after: 300, probes: 1 },
    // Another chip may have the same one, and there was time to change boards.
    { serial: own, after: hands, probes: 1 },
  ])(
    'leaves alone what says in its ROM $serial when it comes back $after ms after a chip was done: $probes probes',
    ({ serial, after, probes }) => {
      const bench = new ToldBench().tell({ type: 'arm', recipe: f407 }).see(inDfu('usb:1-1'));
      bench.end(bench.begin('usb:1-1', f407Facts), 'done', '39001B000C51313339373836');
      bench
        .see()
        .pass(after)
        .see(inDfu('usb:1-1', 9, { serial }));
      expect(bench.wants).toHaveLength(probes);
    },
  );

  it('leaves a failed slot alone while its board bounces, and takes it up when hands have put it back', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    bench.end(bench.begin('usb:1-1'), 'failed', null);
    bench.see().pass(300).see(inDfu('usb:1-1', 5));
    expect([bench.slot('usb:1-1').stage, bench.wants]).toEqual(['failed', []]);
    bench.see().pass(hands).see(inDfu('usb:1-1', 6));
    expect(bench.wants).toMatchObject([{ type: 'probe', boardId: 'usb:1-1#6' }]);
    bench.end(bench.begin('usb:1-1'), 'done');
    expect(benchCounts(bench.state)).toMatchObject({ done: 1, failed: 0 });
  });

  it('finishes a board in Katapult that it has begun, on any slot, though Katapult was not chosen', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    bench.end(bench.begin('usb:1-1'), 'failed', uid);
    bench.see(speaking('usb:1-2', 'katapult', otherUid), speaking('usb:1-3', 'katapult'));
    expect(bench.slot('usb:1-2')).toMatchObject({ stage: 'idle', why: 'other-mode' });
    expect(bench.wants).toMatchObject([{ type: 'start', place: 'usb:1-3' }]);
    bench.end(bench.start('usb:1-3'), 'done', uid);
    expect(bench.slot('usb:1-1').stage).not.toBe('failed');
    expect(benchCounts(bench.state)).toMatchObject({ done: 1, failed: 0 });
  });

  it('follows a board by its UID into another slot: the job there ends, the work goes on here', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    const job = bench.begin('usb:1-1');
    bench.tell({ type: 'job', jobId: job, status: 'running', uid, canbusUuid: null, trouble: null });
    bench.see(speaking('usb:1-2', 'katapult'));
    expect(bench.wants).toContainEqual({ type: 'cancel', jobId: job });
    bench.end(job, 'cancelled');
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'idle', why: 'moved' });
    expect(bench.wants).toMatchObject([{ type: 'start', place: 'usb:1-2' }]);
  });

  it('touches a bridge only where that was chosen, and only one that runs something else', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(speaking('usb:1-1', 'can-bridge'));
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'idle', why: 'other-mode' });
    bench.tell({ type: 'arm', recipe: { ...f446, modes: ['outdated-bridge'] } });
    expect(bench.wants).toMatchObject([{ type: 'ask-firmware', uid }]);
    const answer = (sha256: string | null) =>
      bench.tell({
        type: 'firmware',
        place: 'usb:1-1',
        boardId: `uid:${uid}`,
        klipper: sha256 === null ? null : { version: null, sha256 },
      });
    answer(null);
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'idle', why: 'unknown-firmware' });
    bench.tell({ type: 'arm', recipe: { ...f446, modes: ['outdated-bridge'] } });
    answer('c'.repeat(64));
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'idle', why: 'up-to-date' });
    expect(bench.see(speaking('usb:1-1', 'can-bridge')).wants).toEqual([]);
    bench.tell({ type: 'arm', recipe: { ...f446, modes: ['outdated-bridge'] } });
    answer('d'.repeat(64));
    expect(bench.wants).toMatchObject([{ type: 'start', place: 'usb:1-1' }]);
  });

  it('never writes to a bridge that took the place of the board that a person retries', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    bench.end(bench.begin('usb:1-1'), 'failed', uid);
    bench.see(speaking('usb:1-1', 'can-bridge', otherUid)).tell({ type: 'retry', places: null });
    expect(bench.wants).toEqual([]);
  });

  it('starts nothing new once disarmed, and leaves what is being written to its end', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'), inDfu('usb:1-2'));
    const job = bench.begin('usb:1-1');
    bench.tell({ type: 'disarm', recipeId: null });
    expect(bench.wants).toEqual([]);
    // The probe holds its device until it has replied.
    expect(bench.slot('usb:1-2').stage).toBe('probing');
    bench.tell({ type: 'probed', place: 'usb:1-2', boardId: 'usb:1-2#1', facts: f446Facts });
    expect(bench.slot('usb:1-2')).toMatchObject({ stage: 'idle', why: 'not-armed' });
    bench.end(job, 'done');
    expect([bench.wants, bench.slot('usb:1-1').stage]).toEqual([[], 'done']);
  });

  it('retries what failed, also once disarmed, with the recipe that it had', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'), inDfu('usb:1-2'));
    bench.end(bench.begin('usb:1-1'), 'failed', null).tell({ type: 'disarm', recipeId: null });
    bench.tell({ type: 'retry', places: ['usb:1-1'] });
    expect(bench.wants).toMatchObject([{ type: 'probe', place: 'usb:1-1' }]);
    bench.begin('usb:1-1');
    expect(bench.slot('usb:1-1').stage).toBe('writing');
  });

  it('begins no more boards than are wanted, and says so when they are done', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: { ...f446, target: 1 } });
    bench.see(inDfu('usb:1-1'), inDfu('usb:1-2'));
    const job = bench.begin('usb:1-1');
    bench.tell({ type: 'probed', place: 'usb:1-2', boardId: 'usb:1-2#1', facts: f446Facts });
    expect(bench.slot('usb:1-2')).toMatchObject({ stage: 'idle', why: 'enough' });
    expect(benchCounts(bench.state)).toEqual({ done: 0, failed: 0, running: 1, toDo: 1 });
    bench.end(job, 'done');
    expect(bench.state.signal).toMatchObject({ kind: 'complete' });
    expect(benchCounts(bench.state)).toEqual({ done: 1, failed: 0, running: 0, toDo: 0 });
  });

  it('takes the next board where the last one that was wanted failed', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: { ...f446, target: 1 } });
    bench.see(inDfu('usb:1-1'), inDfu('usb:1-2'));
    const job = bench.begin('usb:1-1');
    bench.tell({ type: 'probed', place: 'usb:1-2', boardId: 'usb:1-2#1', facts: f446Facts });
    bench.end(job, 'failed', null);
    expect(bench.wants).toMatchObject([{ type: 'probe', place: 'usb:1-2' }]);
  });

  it('leaves ports alone that are ignored, that others have, or that may not be opened', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 });
    bench.ignoredPlaces = ['usb:1-1'];
    bench.heldPlaces = ['usb:1-2'];
    bench.see(
      inDfu('usb:1-1'),
      inDfu('usb:1-2'),
      inDfu('usb:1-3', 1, { access: { ok: false, code: 'link/access' } }),
    );
    expect(bench.wants).toEqual([]);
    expect(bench.state.slots.map(({ why }) => why)).toEqual(['ignored', 'busy', 'no-access']);
  });

  it('refuses a board whose UID another one has too', () => {
    const recipe = { ...f446, modes: ['katapult'] as const };
    const bench = new ToldBench().tell({ type: 'arm', recipe });
    bench.see(speaking('usb:1-1', 'katapult', uid, { conflict: true }));
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'refused', trouble: { code: 'identity/conflict' } });
    expect(bench.wants).toEqual([]);
  });

  it('ignores a reply about a board that has left', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1', 1));
    bench.see(inDfu('usb:1-1', 2));
    bench.tell({ type: 'probed', place: 'usb:1-1', boardId: 'usb:1-1#1', facts: f446Facts });
    expect([bench.wants, bench.slot('usb:1-1').stage]).toEqual([[], 'probing']);
  });

  it('is disarmed after a restart, and says which boards were being written', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'), inDfu('usb:1-2'));
    bench.end(bench.begin('usb:1-1'), 'done');
    bench.begin('usb:1-2');
    bench.tell({ type: 'resumed', cutOff: [] }).see(inDfu('usb:1-2'), inDfu('usb:1-3'));
    expect(bench.slot('usb:1-2')).toMatchObject({ stage: 'failed', trouble: { code: 'bench/interrupted' } });
    expect(bench.wants).toEqual([]);
    expect(benchCounts(bench.state)).toMatchObject({ done: 1, failed: 1, running: 0 });
    bench.tell({ type: 'retry', places: null });
    expect(bench.wants).toMatchObject([{ type: 'probe', place: 'usb:1-2' }]);
  });

  it('does not call a board interrupted that was done in another slot while its first one waited for it', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    const first = bench.begin('usb:1-1');
    bench.tell({ type: 'job', jobId: first, uid, canbusUuid: null, status: 'running', trouble: null });
    bench.see().pass(hands).see(inDfu('usb:1-2', 8));
    bench.end(bench.begin('usb:1-2'), 'done');
    bench.tell({ type: 'resumed', cutOff: [] });
    expect(bench.slot('usb:1-1')).toMatchObject({ stage: 'idle', why: 'moved' });
    expect(benchCounts(bench.state)).toMatchObject({ done: 1, failed: 0 });
  });

  it('sees that two recipes would want the same boards', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 });
    expect(overlappingRecipe(bench.state, { ...f446, id: 'other' })).toMatchObject({ id: f446.id });
    expect(overlappingRecipe(bench.state, { ...f446, id: 'other', modes: ['katapult'] })).toBeNull();
    expect(overlappingRecipe(bench.state, f407)).toBeNull();
  });

  it('takes the crystal that was found on one board for those of the batch that come', () => {
    const bench = new ToldBench().tell({ type: 'arm', recipe: f446 }).see(inDfu('usb:1-1'));
    const found = {
      crystalHz: 8_000_000,
      images: { bootloader: '1'.repeat(64), application: '2'.repeat(64) },
      klipperSha256: '3'.repeat(64),
    };
    const jobId = bench.begin('usb:1-1');
    const done = { type: 'job', jobId, status: 'done', uid, canbusUuid: null, trouble: null } as const;
    bench.tell({ ...done, found });
    bench.see(inDfu('usb:1-2'));
    bench.tell({ type: 'probed', place: 'usb:1-2', boardId: inDfu('usb:1-2').id, facts: f446Facts });
    expect(bench.wants).toMatchObject([
      {
        type: 'start',
        recipe: {
          ...{ id: f446.id, crystalHz: 8_000_000, images: found.images },
          klipper: { version: 'v0.13.0', sha256: found.klipperSha256 },
        },
      },
    ]);
  });
});
