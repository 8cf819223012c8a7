import { usbPlace } from '../../../app/place.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board } from '../../../app/boards/board.ts';
import { noConfirmations } from '../../../app/boards/confirmations.ts';
import { flowAfter } from '../../../app/flow/flow.ts';
import { isChangingPi } from '../../../app/flow/flow-pi.ts';
import type { FlowChoice, FlowEffect, FlowEvent, FlowNews } from '../../../app/flow/flow-event.ts';
import { newFlow, type FlowBoard, type FlowState } from '../../../app/flow/flow-state.ts';
import { cases } from '../../counts.ts';
import { boardInDfu } from '../../fixtures/boards.ts';

const at = '2026-01-01T00:00:00.000Z';

const octopus: FlowBoard = {
  presetId: 'btt-octopus',
  variantId: 'f446',
  name: 'Octopus',
  mcu: 'stm32f446xx',
  crystalHz: 12_000_000,
  role: 'bridge',
  confirms: [],
};
const goal = { interfaceName: 'can0', bitrateBps: 1_000_000, txQueueLength: 128, boards: [] };
const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
const uid = '430014000A50534E4E313120';

/** A flow with everything that was done because of it. */
class Run {
  state: FlowState = newFlow('1', at, null);
  readonly effects: FlowEffect[] = [];

  tell(event: FlowChoice | FlowNews): this {
    const step = flowAfter(this.state, { ...event, at });
    this.state = step.state;
    this.effects.push(...step.effects);
    return this;
  }

  see(...boards: Board[]): this {
    return this.tell({ type: 'boards', boards, heldPlaces: [] });
  }

  /** Everything chosen, and nothing in a bootloader yet. */
  toDfu(choice: FlowBoard = octopus): this {
    return this.tell({ type: 'choose-board', board: choice }).tell({ type: 'choose-images', images }).see();
  }

  toFlash(): this {
    return this.toDfu().see(boardInDfu('usb:1-2')).tell({ type: 'flash-started', jobId: 'j1' });
  }

  job(
    status: 'running' | 'done' | 'failed' | 'cancelled',
    more: Partial<Extract<FlowNews, { type: 'job' }>> = {},
  ): this {
    return this.tell({
      type: 'job',
      jobId: 'j1',
      uid: null,
      canbusUuid: null,
      backupId: null,
      status,
      trouble: null,
      proofs: [],
      ...more,
    });
  }

  get starts(): FlowEffect[] {
    return this.effects.filter(({ type }) => type === 'start-flash');
  }
}

describe('the printer of a board', () => {
  const voron = { piId: 'voron', name: 'Voron' };

  it('is asked first, and its Pi is the one that is set up at the end', () => {
    const run = new Run().tell({ type: 'choose-printer', ...voron });
    expect(run.state).toMatchObject({ stage: 'board', printer: { kind: 'pi', ...voron } });
    run.toFlash().job('done', { uid, canbusUuid: '6beb0175188a' });
    expect(run.state).toMatchObject({ stage: 'pi', pi: { ...voron, step: 'plan', jobId: null } });
  });

  it('is chosen at the end where there was none', () => {
    const run = new Run().tell({ type: 'no-printer' }).toFlash().job('done', { uid });
    expect(run.state).toMatchObject({ stage: 'pi', pi: null });
  });

  it('can be another one until the board is written', () => {
    const run = new Run().tell({ type: 'choose-printer', ...voron }).toDfu();
    run.tell({ type: 'choose-printer', piId: 'late', name: 'Late' });
    expect(run.state).toMatchObject({ stage: 'dfu', printer: voron });
    run.tell({ type: 'back', stage: 'printer' }).tell({ type: 'no-printer' });
    expect(run.state).toMatchObject({ stage: 'board', printer: { kind: 'none' }, board: octopus });
  });
});

describe('a board that was in DFU before it was chosen', () => {
  const place = 'usb:1-2';

  it('is written there as soon as everything is chosen', () => {
    const run = new Run().see(boardInDfu(place)).tell({ type: 'choose-board', board: octopus, place });
    expect(run.state).toMatchObject({ stage: 'firmware', place });
    run.tell({ type: 'choose-images', images }).see(boardInDfu(place), boardInDfu('usb:1-3'));
    expect(run.starts).toMatchObject([{ place }]);
  });

  it('waits for what must be confirmed', () => {
    const board = { ...octopus, confirms: ['Heaters are unplugged.'] };
    const run = new Run()
      .tell({ type: 'choose-board', board, place })
      .tell({ type: 'choose-images', images });
    run.see(boardInDfu(place));
    expect(run.starts).toEqual([]);
    run.tell({ type: 'confirm' }).see(boardInDfu(place));
    expect(run.starts).toMatchObject([{ place }]);
  });
});

describe('the way of one board', () => {
  it('goes from the choice of board and firmware over DFU to the UUID', () => {
    const run = new Run();
    expect(run.state.stage).toBe('printer');
    run.tell({ type: 'no-printer' });
    expect(run.state).toMatchObject({ stage: 'board', printer: { kind: 'none' } });
    run.tell({ type: 'choose-board', board: octopus });
    expect(run.state.stage).toBe('firmware');
    run.tell({ type: 'choose-images', images });
    expect(run.state).toMatchObject({ stage: 'dfu', waitingSince: at });
    run.see().see(boardInDfu('usb:1-2'));
    expect(run.state).toMatchObject({ stage: 'flash', place: 'usb:1-2', waitingSince: null });
    const confirmations = noConfirmations;
    expect(run.starts).toEqual([
      {
        type: 'start-flash',
        place: 'usb:1-2',
        board: octopus,
        images,
        confirmations,
        backup: true,
        crystalHz: null,
        search: null,
      },
    ]);
    run.tell({ type: 'flash-started', jobId: 'j1' }).job('running', { uid, canbusUuid: '6beb0175188a' });
    expect(run.state).toMatchObject({ stage: 'flash', uid, canbusUuid: '6beb0175188a' });
    run.job('done', { uid, canbusUuid: '6beb0175188a' });
    expect(run.state).toMatchObject({ stage: 'pi', uid, canbusUuid: '6beb0175188a', trouble: null });
  });

  it('starts at once on the port that it was begun for', () => {
    const run = new Run();
    run.state = newFlow('1', at, 'usb:1-7');
    run.tell({ type: 'choose-board', board: octopus }).tell({ type: 'choose-images', images });
    run.see(boardInDfu('usb:1-2'), boardInDfu('usb:1-7'));
    expect(run.state).toMatchObject({ stage: 'flash', place: 'usb:1-7' });
  });
});

describe('which board is meant', () => {
  it('is not what was in DFU before the flow began to wait', () => {
    const run = new Run()
      .tell({ type: 'choose-board', board: octopus })
      .tell({ type: 'choose-images', images });
    run.see(boardInDfu('usb:1-1')).see(boardInDfu('usb:1-1'));
    expect(run.state).toMatchObject({ stage: 'dfu', placesBefore: ['usb:1-1'] });
    run.see(boardInDfu('usb:1-1'), boardInDfu('usb:1-2'));
    expect(run.state).toMatchObject({ stage: 'flash', place: 'usb:1-2' });
  });

  it('is what comes back to a port that was left', () => {
    const run = new Run()
      .tell({ type: 'choose-board', board: octopus })
      .tell({ type: 'choose-images', images });
    run.see(boardInDfu('usb:1-1')).see().see(boardInDfu('usb:1-1'));
    expect(run.state).toMatchObject({ stage: 'flash', place: 'usb:1-1' });
  });

  it('is not decided between two that appear at once; the person says', () => {
    const run = new Run().toDfu().see(boardInDfu('usb:1-1'), boardInDfu('usb:1-2'));
    expect(run.state.stage).toBe('dfu');
    expect(run.starts).toHaveLength(0);
    run.tell({ type: 'choose-port', place: 'usb:1-2' }).see(boardInDfu('usb:1-1'), boardInDfu('usb:1-2'));
    expect(run.state).toMatchObject({ stage: 'flash', place: 'usb:1-2' });
  });

  it('is never one that other work holds', () => {
    const run = new Run().toDfu();
    run.tell({ type: 'boards', boards: [boardInDfu('usb:1-1')], heldPlaces: ['usb:1-1'] });
    expect(run.starts).toHaveLength(0);
  });

  it('is never a running printer that was not chosen', () => {
    const run = new Run().toDfu().see(boardInDfu('usb:1-1', { mode: 'can-bridge', uid, mcu: octopus.mcu }));
    expect(run.starts).toHaveLength(0);
  });

  it('takes a board in BOOTSEL as one in DFU, and refuses it if another chip was chosen', () => {
    const rp: FlowBoard = { ...octopus, presetId: 'btt-skr-pico', variantId: 'rp2040', mcu: 'rp2040' };
    const bootsel = boardInDfu('usb:1-2', { mode: 'bootsel', mcu: 'rp2040', serial: 'E0C9125B0D9B' });
    const run = new Run().toDfu(rp).see(bootsel);
    expect(run.state).toMatchObject({ stage: 'flash', place: 'usb:1-2' });
    expect(run.effects.at(-1)).toMatchObject({ type: 'start-flash', place: 'usb:1-2' });
    const other = new Run().toDfu().see(bootsel);
    expect(other.state).toMatchObject({ stage: 'dfu', trouble: { code: 'image/wrong-mcu' } });
  });

  it('contradicts the choice at once where the device names another MCU', () => {
    const run = new Run().toDfu().see(boardInDfu('usb:1-1', { mode: 'katapult', mcu: 'stm32f407xx' }));
    expect(run.state.trouble).toMatchObject({ code: 'image/wrong-mcu', state: 'untouched' });
    expect(run.state.trouble?.message).toContain('stm32f407xx');
    expect(run.starts).toHaveLength(0);
  });

  it('is found again by its UID on another port', () => {
    const run = new Run().toFlash().job('running', { uid });
    run.job('failed', { trouble: { code: 'link/gone', message: 'unplugged', state: 'katapult-partial' } });
    run.tell({ type: 'retry' }).see(boardInDfu('usb:1-5', { mode: 'katapult', uid, mcu: octopus.mcu }));
    expect(run.state).toMatchObject({ stage: 'flash', place: 'usb:1-5' });
  });

  it('is not another chip on its port', () => {
    const run = new Run().toFlash().job('running', { uid });
    run.job('failed', { trouble: { code: 'link/gone', message: 'unplugged', state: 'katapult-partial' } });
    run.tell({ type: 'retry' });
    run.see(boardInDfu('usb:1-2', { mode: 'katapult', uid: '0'.repeat(23) + '1', mcu: octopus.mcu }));
    expect(run.state.trouble).toMatchObject({ code: 'device/returned-as-another' });
    expect(run.starts).toHaveLength(1);
  });
});

describe('before anything is written', () => {
  it('waits for what must be confirmed, whatever is plugged in', () => {
    const run = new Run()
      .toDfu({ ...octopus, confirms: ['Heaters are unplugged.'] })
      .see(boardInDfu('usb:1-2'));
    expect(run.state).toMatchObject({ stage: 'dfu', isConfirmed: false });
    run.tell({ type: 'confirm' }).see(boardInDfu('usb:1-2')).see().see(boardInDfu('usb:1-2'));
    expect(run.state.stage).toBe('flash');
  });

  it('asks anew after another board was chosen', () => {
    const hot = { ...octopus, confirms: ['Heaters are unplugged.'] };
    const run = new Run().toDfu(hot).tell({ type: 'confirm' }).tell({ type: 'choose-board', board: hot });
    expect(run.state).toMatchObject({ stage: 'firmware', isConfirmed: false, images: null });
  });

  it('waits until the device can be opened, then continues', () => {
    const run = new Run().toDfu().see(boardInDfu('usb:1-2', { access: { ok: false, code: 'link/access' } }));
    expect(run.state).toMatchObject({ stage: 'dfu', place: 'usb:1-2' });
    run.see(boardInDfu('usb:1-2'));
    expect(run.state.stage).toBe('flash');
  });
});

describe('what a person vouches for', () => {
  const needed = { code: 'chip/marking-needed', message: 'read it', state: 'untouched' } as const;
  const marking = { chipMarking: 'STM32F407ZET6', crystalHz: null };

  it('goes with the next try, which begins at once', () => {
    const run = new Run().toFlash().job('failed', { trouble: needed });
    run.tell({ type: 'vouch', confirmations: marking }).see(boardInDfu('usb:1-2'));
    expect(run.starts.at(-1)).toMatchObject({ confirmations: marking });
    expect(run.state).toMatchObject({ stage: 'flash', trouble: null });
  });

  it('is kept when something else is asked for, and over a retry', () => {
    const run = new Run().toFlash().job('failed', { trouble: needed });
    run.tell({ type: 'vouch', confirmations: marking }).see(boardInDfu('usb:1-2'));
    const doubt = { ...needed, code: 'image/crystal-unknown' } as const;
    run.tell({ type: 'flash-refused', trouble: doubt });
    run
      .tell({ type: 'vouch', confirmations: { chipMarking: null, crystalHz: 8_000_000 } })
      .see(boardInDfu('usb:1-2'));
    const both = { ...marking, crystalHz: 8_000_000 };
    expect(run.starts.at(-1)).toMatchObject({ confirmations: both });
    run.tell({ type: 'flash-refused', trouble: doubt }).tell({ type: 'retry' }).see(boardInDfu('usb:1-2'));
    expect(run.starts.at(-1)).toMatchObject({ confirmations: both });
  });

  it('is forgotten where another chip may be on the port', () => {
    const run = new Run().toFlash().job('failed', { trouble: needed });
    const confirmations = { ...marking, eraseAll: true } as const;
    run.tell({ type: 'vouch', confirmations }).see();
    run.see(boardInDfu('usb:1-2', { id: 'usb:1-2#2' }));
    expect(run.starts.at(-1)).toMatchObject({ confirmations: noConfirmations });
    run.tell({ type: 'flash-refused', trouble: needed }).tell({ type: 'vouch', confirmations: marking });
    run.tell({ type: 'resumed' }).see(boardInDfu('usb:1-2', { id: 'usb:1-2#2' }));
    expect(run.starts.at(-1)).toMatchObject({ confirmations: noConfirmations });
  });

  it('is forgotten where it may be of another board, of other images or of another choice', () => {
    const vouched = () => {
      const run = new Run().toFlash().job('failed', { trouble: needed });
      const confirmations = { ...marking, crystalHz: 8_000_000 };
      run.tell({ type: 'vouch', confirmations }).see(boardInDfu('usb:1-2'));
      return run.tell({ type: 'flash-refused', trouble: needed });
    };
    expect(vouched().state.confirmations.chipMarking).toBe('STM32F407ZET6');
    const otherPort = vouched().tell({ type: 'back', stage: 'dfu' }).state.confirmations;
    expect(otherPort).toEqual({ chipMarking: null, crystalHz: 8_000_000 });
    const otherImages = vouched().tell({ type: 'choose-images', images }).state.confirmations;
    expect(otherImages).toEqual(marking);
    const otherBoard = vouched().tell({ type: 'choose-board', board: octopus }).state.confirmations;
    expect(otherBoard).toEqual(noConfirmations);
  });

  it('changes nothing while nothing is asked for', () => {
    const run = new Run().toDfu();
    const before = run.state;
    expect(run.tell({ type: 'vouch', confirmations: marking }).state).toBe(before);
  });
});

describe('trouble', () => {
  const trouble = { code: 'link/gone', message: 'unplugged at block 7', state: 'dfu-partial' } as const;

  it('stays shown, and a retry goes on where the board is', () => {
    const run = new Run().toFlash().job('failed', { trouble });
    expect(run.state).toMatchObject({ stage: 'flash', trouble });
    run.tell({ type: 'retry' });
    expect(run.state).toMatchObject({ stage: 'dfu', place: 'usb:1-2', trouble: null });
    run.see(boardInDfu('usb:1-2'));
    expect(run.state.stage).toBe('flash');
    expect(run.starts).toHaveLength(2);
  });

  it('of a start that was refused is shown the same', () => {
    const run = new Run().toDfu().see(boardInDfu('usb:1-2')).tell({ type: 'flash-refused', trouble });
    expect(run.state).toMatchObject({ stage: 'flash', trouble });
  });

  it('lets the person choose another firmware or board', () => {
    const run = new Run().toFlash().job('cancelled', { trouble });
    run.tell({ type: 'back', stage: 'firmware' });
    expect(run.state).toMatchObject({ stage: 'firmware', trouble: null, jobId: null });
  });

  it('of another job is not its own', () => {
    const run = new Run().toFlash().tell({
      type: 'job',
      jobId: 'other',
      uid: null,
      canbusUuid: null,
      backupId: null,
      status: 'failed',
      trouble,
      proofs: [],
    });
    expect(run.state.trouble).toBeNull();
  });
});

describe('after a restart of the station', () => {
  it('says that writing was interrupted and continues on request', () => {
    const run = new Run().toFlash().tell({ type: 'resumed' });
    expect(run.state.trouble).toMatchObject({ code: 'flow/interrupted' });
    run.tell({ type: 'retry' }).see(boardInDfu('usb:1-2'));
    expect(run.starts).toHaveLength(2);
  });

  it('does not take what is in DFU for the board it waited for', () => {
    const run = new Run().toDfu().tell({ type: 'resumed' }).see(boardInDfu('usb:1-2'));
    expect(run.state).toMatchObject({ stage: 'dfu', placesBefore: ['usb:1-2'] });
  });
});

const anyBoard = fc.record({
  port: fc.constantFrom('1-1', '1-2', '1-3'),
  mode: fc.constantFrom('dfu', 'katapult', 'can-bridge', 'unknown'),
  ok: fc.boolean(),
});
const anyEvent: fc.Arbitrary<FlowChoice | FlowNews> = fc.oneof(
  fc.constant<FlowChoice>({ type: 'choose-board', board: octopus }),
  fc.constant<FlowChoice>({ type: 'choose-board', board: { ...octopus, confirms: ['x'] } }),
  fc.constant<FlowChoice>({ type: 'choose-images', images }),
  fc.constant<FlowChoice>({ type: 'confirm' }),
  fc.constant<FlowChoice>({ type: 'retry' }),
  fc
    .constantFrom('board', 'firmware', 'dfu', 'flash', 'pi', 'done')
    .map((stage): FlowChoice => ({ type: 'back', stage })),
  fc
    .constantFrom('usb:1-1' as const, 'usb:1-2' as const)
    .map((place): FlowChoice => ({ type: 'choose-port', place })),
  fc.array(anyBoard, { maxLength: 3 }).map((boards): FlowNews => ({
    type: 'boards',
    heldPlaces: [],
    boards: boards.map(({ port, mode, ok }) =>
      boardInDfu(usbPlace(port), { mode, access: ok ? { ok: true } : { ok: false, code: 'link/busy' } }),
    ),
  })),
  fc.constant<FlowNews>({ type: 'flash-started', jobId: 'j1' }),
  fc.constant<FlowChoice>({ type: 'choose-pi', piId: 'p', name: 'Voron' }),
  fc.constant<FlowChoice>({ type: 'leave-pi' }),
  fc.constant<FlowChoice>({ type: 'apply-pi', planId: 'x', goal, confirmedIdle: false }),
  fc.constant<FlowChoice>({ type: 'prove-pi', goal, confirmedIdle: false }),
  fc.constantFrom(null, 'c').map((undo): FlowChoice => ({ type: 'settle-pi', undo, confirmedIdle: false })),
  fc.constant<FlowChoice>({ type: 'skip-pi' }),
  fc.constant<FlowNews>({ type: 'pi-started', jobId: 'j1' }),
  fc.constantFrom('running', 'done', 'failed', 'cancelled').map((status): FlowNews => ({
    type: 'job',
    jobId: 'j1',
    uid: null,
    canbusUuid: null,
    backupId: null,
    status,
    proofs: [],
    trouble:
      status === 'failed' || status === 'cancelled' ? { code: 'cancelled', message: '', state: null } : null,
  })),
  fc.constant<FlowNews>({ type: 'resumed' }),
);

describe('the backup of the old flash', () => {
  const trouble = { code: 'link/gone', message: 'unplugged at block 7', state: 'dfu-partial' } as const;

  it('is taken unless the person does not want it', () => {
    expect(new Run().toDfu().see(boardInDfu('usb:1-2')).starts).toMatchObject([{ backup: true }]);
    const without = new Run()
      .toDfu()
      .tell({ type: 'choose-backup', isWanted: false })
      .see(boardInDfu('usb:1-2'));
    expect(without.starts).toMatchObject([{ backup: false }]);
    const again = new Run().toFlash().tell({ type: 'choose-backup', isWanted: false });
    expect(again.state.isBackupWanted).toBe(true);
  });

  it('is not taken again of what a first try has written', () => {
    const run = new Run().toFlash().job('running', { backupId: 'b1' }).job('failed', { trouble });
    expect(run.state.backupId).toBe('b1');
    run.tell({ type: 'retry' }).see(boardInDfu('usb:1-2'));
    expect(run.starts).toMatchObject([{ backup: true }, { backup: false }]);
  });

  it('is taken again where the first one did not come to its end, and of another board', () => {
    const run = new Run().toFlash().job('failed', { trouble: { ...trouble, state: 'untouched' } });
    run.tell({ type: 'retry' }).see(boardInDfu('usb:1-2'));
    expect(run.starts).toMatchObject([{ backup: true }, { backup: true }]);
    const other = new Run().toFlash().job('failed', { trouble, backupId: 'b1' });
    other.tell({ type: 'back', stage: 'dfu' }).see().see(boardInDfu('usb:1-3'));
    expect(other.starts).toMatchObject([{ backup: true }, { backup: true, place: 'usb:1-3' }]);
  });
});

describe('whatever happens in whatever order', () => {
  it('writing starts only with board and images chosen, confirmed, on a device that may be opened', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let state = newFlow('1', at, null);
        for (const event of events) {
          const before = state;
          const step = flowAfter(state, { ...event, at } satisfies FlowEvent);
          state = step.state;
          for (const effect of step.effects) {
            // Work on a Pi starts on the one that was chosen, and only where nothing else runs on it.
            if (effect.type === 'start-pi') {
              expect(before.stage).toBe('pi');
              expect(before.pi?.piId).toBe(effect.piId);
              expect(isChangingPi(before) && event.type !== 'job').toBe(false);
            }
            if (effect.type !== 'start-flash') continue;
            expect(before.stage).toBe('dfu');
            expect(before.isConfirmed).toBe(true);
            expect(event.type).toBe('boards');
            const target =
              event.type === 'boards' ? event.boards.find(({ place }) => place === effect.place) : undefined;
            expect(target?.access.ok).toBe(true);
            expect(state).toMatchObject({ stage: 'flash', trouble: null, place: effect.place });
          }
          // It survives a file.
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        }
      }),
      { numRuns: cases(2000) },
    );
  });
});
