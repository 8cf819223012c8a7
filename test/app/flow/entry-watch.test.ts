import { describe, expect, it } from 'vitest';
import type { Board } from '../../../app/boards/board.ts';
import { beginEntryWatch, entryWatchAfter, type EntryWatch } from '../../../app/flow/entry-watch.ts';
import type { PlaceId } from '../../../app/place.ts';

type Seen = Pick<Board, 'place' | 'mode' | 'vendorId' | 'foreign'>;

const any = { place: null, held: [] };
const at = (place: PlaceId, mode: Board['mode'], vendorId = 0x1d50): Seen => ({
  ...{ place, mode, vendorId, foreign: null },
});
const bridge = at('usb:1-1', 'can-bridge');
const marlin = at('usb:1-1', 'unknown', 0x0483);
const mouse = at('usb:1-1', 'unknown', 0x046d);

function watched(looks: readonly (readonly Seen[])[], ports = any): EntryWatch {
  const [first = [], ...rest] = looks;
  return rest.reduce((watch, look) => entryWatchAfter(watch, look, ports), beginEntryWatch(first, ports));
}

describe('what USB shows while a board is put into DFU', () => {
  it.each([
    ['nothing on an empty desk', [[]], 'nothing', null],
    ['nothing when a mouse is plugged in', [[], [mouse]], 'nothing', null],
    ['a running board that is there', [[bridge]], 'running', 'usb:1-1'],
    ['a running board that is plugged in', [[], [bridge]], 'running', 'usb:1-1'],
    ['that its power went off', [[bridge], []], 'off', 'usb:1-1'],
    ['that it started Klipper again', [[bridge], [], [bridge]], 'started-klipper', 'usb:1-1'],
    ['that it started another firmware', [[], [marlin]], 'started-other', 'usb:1-1'],
    ['the same while nothing changes', [[bridge], [], []], 'off', 'usb:1-1'],
    ['no single one of two running boards', [[bridge, at('usb:1-2', 'can-bridge')]], 'nothing', null],
  ] as const)('is %s', (_case, looks, sight, place) => {
    expect(watched(looks)).toMatchObject({ sight, place });
  });

  it('looks at no port of another flow, and only at its own once that is known', () => {
    expect(watched([[], [bridge]], { place: null, held: ['usb:1-1'] } as never).sight).toBe('nothing');
    expect(watched([[], [bridge]], { place: 'usb:1-2', held: [] } as never).sight).toBe('nothing');
  });

  it('leaves a board in a bootloader to the flow', () => {
    expect(watched([[], [at('usb:1-1', 'dfu', 0x0483)]]).sight).toBe('nothing');
  });
});
