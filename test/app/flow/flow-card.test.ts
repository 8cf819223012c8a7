import { describe, expect, it } from 'vitest';
import type { Board } from '../../../app/boards/board.ts';
import { flowAfter } from '../../../app/flow/flow.ts';
import type { FlowChoice, FlowEffect, FlowNews } from '../../../app/flow/flow-event.ts';
import { newFlow, type FlowState } from '../../../app/flow/flow-state.ts';
import type { PlaceId } from '../../../app/place.ts';
import { boardInDfu } from '../../fixtures/boards.ts';

const at = '2026-01-01T00:00:00.000Z';
const super8 = {
  ...{ presetId: 'mellow-fly-super8', variantId: 'f407', name: 'Fly-Super8', mcu: 'stm32f407xx' },
  ...{ role: 'bridge' as const, crystalHz: 8_000_000, confirms: [] },
};
const image = 'b'.repeat(64);
const uid = '430014000A50534E4E313120';

const bridge = (place: PlaceId, changes: Partial<Board> = {}): Board =>
  boardInDfu(place, { mode: 'can-bridge', uid, canbusUuid: '6beb0175188a', mcu: 'stm32f407xx', ...changes });

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

  toCard(): this {
    return this.tell({ type: 'choose-board', board: super8 }).tell({ type: 'choose-card' });
  }

  /** With these boards plugged in when the card is finished. */
  toBoot(...before: Board[]): this {
    return this.toCard()
      .tell({ type: 'write-card', card: 'sd', image })
      .tell({ type: 'card-written', fileName: 'firmware.bin', isEjected: true })
      .see(...before);
  }
}

describe('a board that is flashed from an SD card', () => {
  it('needs no bootloader on USB: nothing that appears before the card is written is started', () => {
    const run = new Run().toCard().see().see(boardInDfu('usb:1-2'), bridge('usb:1-3'));
    expect(run.state).toMatchObject({ stage: 'dfu', card: { step: 'write' }, place: null });
    expect(run.effects).toEqual([]);
  });

  it('has its card written once, for the board and the image that were chosen', () => {
    const run = new Run().toCard().tell({ type: 'write-card', card: 'sd', image });
    run.tell({ type: 'write-card', card: 'other', image }).tell({ type: 'back', stage: 'board' });
    expect(run.state).toMatchObject({ stage: 'dfu', card: { step: 'writing' } });
    expect(run.effects).toMatchObject([{ type: 'write-card', card: 'sd', image, board: super8 }]);
  });

  it('runs when a bridge appears that was not there, and is known by its UID then', () => {
    const run = new Run().toBoot().see(bridge('usb:1-2'));
    expect(run.state).toMatchObject({
      ...{ stage: 'pi', place: 'usb:1-2', uid, canbusUuid: '6beb0175188a' },
      images: { bootloader: null, application: image },
    });
  });

  it.each([
    ['is in its DFU', boardInDfu('usb:1-2')],
    ['has another MCU', bridge('usb:1-2', { mcu: 'stm32f446xx' })],
    ['runs Klipper without CAN', bridge('usb:1-2', { mode: 'klipper-serial' })],
  ])('does not run if what appears %s', (_, board) => {
    expect(new Run().toBoot().see(board).state.stage).toBe('dfu');
  });

  it('that ran as a bridge before may run its old firmware: a person says that it is the one', () => {
    const run = new Run().toBoot(bridge('usb:1-2')).see().see(bridge('usb:1-2'));
    expect(run.state.stage).toBe('dfu');
    run.tell({ type: 'choose-port', place: 'usb:1-2' }).see(bridge('usb:1-2'));
    expect(run.state).toMatchObject({ stage: 'pi', uid });
  });

  it('of two bridges that appear at once, neither is taken', () => {
    const other = bridge('usb:1-3', { uid: '430014000A50534E4E313121' });
    expect(new Run().toBoot().see(bridge('usb:1-2'), other).state.stage).toBe('dfu');
  });

  it('whose card could not be written can be written again', () => {
    const trouble = { code: 'card/full', message: 'Full.', state: 'untouched' } as const;
    const run = new Run().toCard().tell({ type: 'write-card', card: 'sd', image });
    run.tell({ type: 'card-refused', trouble });
    expect(run.state).toMatchObject({ card: { step: 'write' }, trouble });
    run.tell({ type: 'retry' }).tell({ type: 'write-card', card: 'sd', image });
    expect(run.state).toMatchObject({ card: { step: 'writing' }, trouble: null });
  });

  it('whose card was being written when the station ended is written again', () => {
    const run = new Run().toCard().tell({ type: 'write-card', card: 'sd', image }).tell({ type: 'resumed' });
    expect(run.state).toMatchObject({ stage: 'dfu', card: { step: 'write' } });
  });

  it('goes back to USB with its firmware', () => {
    const run = new Run().toBoot().tell({ type: 'back', stage: 'firmware' });
    expect(run.state).toMatchObject({ stage: 'firmware', card: null });
  });
});
