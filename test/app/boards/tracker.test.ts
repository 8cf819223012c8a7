import type { PortPath } from '../../../app/place.ts';
import { describe, expect, it } from 'vitest';
import {
  boardAt,
  emptyTracker,
  learnUid,
  listBoards,
  track,
  type TrackerState,
} from '../../../app/boards/tracker.ts';
import type { UsbDevice } from '../../../app/boards/usb-device.ts';
import { CanopusError } from '../../../app/errors.ts';

const uidA = '430014000A50534E4E313120';
const uidB = '39001B000C51313339373836';
/** What F407 parts with these UIDs report in DFU. */
const dfuSerialA = '204531914E53';

type Mode = 'dfu' | 'katapult' | 'can-bridge' | 'mouse';

function device(portPath: PortPath, mode: Mode, serialNumber: string | null): UsbDevice {
  const ids = {
    dfu: [0x0483, 0xdf11, 'STMicroelectronics'],
    katapult: [0x1d50, 0x6177, 'katapult'],
    'can-bridge': [0x1d50, 0x606f, 'Klipper'],
    mouse: [0x046d, 0xc077, 'Logitech'],
  } as const;
  const [vendorId, productId, manufacturer] = ids[mode];
  const product = mode === 'dfu' || mode === 'mouse' ? null : 'stm32f407xx';
  return {
    portPath,
    vendorId,
    productId,
    bcdDevice: 0x200,
    manufacturer,
    product,
    serialNumber,
    interfaces: null,
    tty: null,
    access: { ok: true },
    driver: null,
  };
}

/** The state after these: `+` plugs in (or enumerates again), `-` unplugs. */
function after(...steps: readonly (UsbDevice | PortPath)[]): TrackerState {
  return steps.reduce<TrackerState>(
    (state, step) =>
      typeof step === 'string'
        ? track(state, { type: 'detach', portPath: step })
        : track(state, { type: 'attach', device: step }),
    emptyTracker,
  );
}

describe('a board on one port', () => {
  it('is followed from DFU through Katapult to the bridge', () => {
    const inDfu = after(device('1-1', 'dfu', 'STM32FxSTM32'));
    expect(boardAt(inDfu, 'usb:1-1')).toMatchObject({ mode: 'dfu', uid: null, presumed: null });

    const inKatapult = after(device('1-1', 'dfu', 'STM32FxSTM32'), '1-1', device('1-1', 'katapult', uidA));
    expect(boardAt(inKatapult, 'usb:1-1')).toMatchObject({
      id: `uid:${uidA}`,
      uid: uidA,
      canbusUuid: '6beb0175188a',
      mcu: 'stm32f407xx',
      presumed: { boardId: boardAt(inDfu, 'usb:1-1')?.id, uid: uidA, evidence: 'port' },
    });

    const asBridge = (['1-1', device('1-1', 'can-bridge', uidA)] as const).reduce<TrackerState>(
      (state, step) =>
        typeof step === 'string'
          ? track(state, { type: 'detach', portPath: step })
          : track(state, { type: 'attach', device: step }),
      inKatapult,
    );
    expect(boardAt(asBridge, 'usb:1-1')).toMatchObject({
      id: `uid:${uidA}`,
      mode: 'can-bridge',
      presumed: null,
    });
  });

  it('marks a board in DFU with the board it presumably was', () => {
    const state = after(device('1-1', 'dfu', 'STM32FxSTM32'), '1-1', device('1-1', 'katapult', uidA));
    expect(listBoards(state).find((board) => board.mode === 'dfu')?.presumed).toEqual({
      boardId: `uid:${uidA}`,
      uid: uidA,
      evidence: 'port',
    });
  });

  it('is presumed to be itself when it goes back to DFU, and says what that rests on', () => {
    const state = after(device('1-1', 'can-bridge', uidA), '1-1', device('1-1', 'dfu', 'STM32FxSTM32'));
    expect(boardAt(state, 'usb:1-1')).toMatchObject({ uid: null, presumed: { uid: uidA, evidence: 'port' } });
    const f407 = after(device('1-1', 'can-bridge', uidA), '1-1', device('1-1', 'dfu', dfuSerialA));
    expect(boardAt(f407, 'usb:1-1')).toMatchObject({
      uid: null,
      presumed: { uid: uidA, evidence: 'dfu-serial' },
    });
  });

  it('speaks later where its serial number comes with a change', () => {
    let state = after(device('1-1', 'dfu', null), '1-1', device('1-1', 'katapult', null));
    const silent = boardAt(state, 'usb:1-1');
    expect(silent?.uid).toBeNull();
    state = track(state, { type: 'change', device: device('1-1', 'katapult', uidA) });
    expect(boardAt(state, 'usb:1-1')).toMatchObject({ id: `uid:${uidA}`, presumed: { evidence: 'port' } });
    expect(listBoards(state).map((board) => board.id)).not.toContain(silent?.id);
  });

  it('has its tty and access up to date', () => {
    const attached = after(device('1-1', 'katapult', uidA));
    const state = track(attached, {
      type: 'change',
      device: { ...device('1-1', 'katapult', uidA), tty: '/dev/ttyACM3' },
    });
    expect(boardAt(state, 'usb:1-1')).toMatchObject({ id: `uid:${uidA}`, tty: '/dev/ttyACM3' });
    expect(listBoards(track(state, { type: 'detach', portPath: '1-1' }))[0]).toMatchObject({
      place: null,
      tty: null,
    });
  });

  it('learns a UID that was read out of DFU, and is known by it from then on', () => {
    const state = learnUid(after(device('1-1', 'dfu', 'STM32FxSTM32')), 'usb:1-1', uidA.toLowerCase());
    expect(boardAt(state, 'usb:1-1')).toMatchObject({ id: `uid:${uidA}`, uid: uidA, mode: 'dfu' });
    expect(() => learnUid(state, 'usb:1-1', 'STM32FxSTM32')).toThrow(CanopusError);
  });
});

describe('a board that moves', () => {
  it('is followed by its UID to another port', () => {
    const state = after(device('1-1', 'katapult', uidA), '1-1', device('2-3', 'can-bridge', uidA));
    expect(listBoards(state)).toHaveLength(1);
    expect(boardAt(state, 'usb:2-3')?.id).toBe(`uid:${uidA}`);
  });

  it('leaves no trace on the port that it was on', () => {
    const state = after(
      device('1-1', 'katapult', uidA),
      '1-1',
      device('2-3', 'can-bridge', uidA),
      device('1-1', 'dfu', null),
    );
    expect(boardAt(state, 'usb:1-1')?.presumed).toBeNull();
  });
});

describe('a board that began in DFU and moves', () => {
  it('leaves no trace of its DFU time on the port either', () => {
    const state = after(
      device('1-1', 'dfu', 'STM32FxSTM32'),
      '1-1',
      device('1-1', 'katapult', uidA),
      '1-1',
      device('2-3', 'can-bridge', uidA),
      device('1-1', 'dfu', 'STM32FxSTM32'),
    );
    expect(boardAt(state, 'usb:1-1')?.presumed).toBeNull();
    expect(listBoards(state)).toHaveLength(2);
  });
});

describe('a swap on one port', () => {
  it('makes a new board of another UID', () => {
    const state = after(device('1-1', 'katapult', uidA), '1-1', device('1-1', 'katapult', uidB));
    expect(listBoards(state).map((board) => board.uid)).toEqual([uidB, uidA]);
    expect(boardAt(state, 'usb:1-1')?.presumed).toBeNull();
  });

  it('is seen by a serial number in DFU that another chip has', () => {
    const state = after(device('1-1', 'can-bridge', uidB), '1-1', device('1-1', 'dfu', dfuSerialA));
    expect(boardAt(state, 'usb:1-1')?.presumed).toBeNull();
  });

  it('withdraws the presumption when the presumed board turns up elsewhere', () => {
    const state = after(
      device('1-1', 'can-bridge', uidA),
      '1-1',
      device('1-1', 'dfu', 'STM32FxSTM32'),
      device('1-2', 'can-bridge', uidA),
    );
    expect(boardAt(state, 'usb:1-1')?.presumed).toBeNull();
  });

  it('is not presumed to be a board that went on to another port meanwhile', () => {
    const state = after(
      ...([device('1-1', 'can-bridge', uidA), '1-1', device('1-1', 'dfu', 'STM32FxSTM32'), '1-1'] as const),
      ...[device('1-2', 'katapult', uidA), device('1-1', 'dfu', 'STM32FxSTM32')],
    );
    expect(boardAt(state, 'usb:1-1')?.presumed).toBeNull();
  });

  it('is not presumed away when the board was seen elsewhere meanwhile', () => {
    const state = after(
      device('1-1', 'dfu', 'STM32FxSTM32'),
      device('1-2', 'katapult', uidA),
      '1-2',
      '1-1',
      device('1-1', 'katapult', uidA),
    );
    expect(boardAt(state, 'usb:1-1')).toMatchObject({ id: `uid:${uidA}`, presumed: null });
  });

  it('leaves what came between two boards unassigned', () => {
    const state = after(
      device('1-1', 'can-bridge', uidA),
      '1-1',
      device('1-1', 'dfu', 'STM32FxSTM32'),
      '1-1',
      device('1-1', 'katapult', uidB),
    );
    expect(listBoards(state).every((board) => board.presumed === null)).toBe(true);
  });

  it('is certain if a device that is not a board was plugged in between', () => {
    const state = after(
      device('1-1', 'can-bridge', uidA),
      '1-1',
      device('1-1', 'mouse', null),
      '1-1',
      device('1-1', 'dfu', null),
    );
    expect(boardAt(state, 'usb:1-1')?.presumed).toBeNull();
  });

  it('is noticed without an unplug event in between', () => {
    const swapped = track(after(device('1-1', 'katapult', uidA)), {
      type: 'change',
      device: device('1-1', 'katapult', uidB),
    });
    expect(listBoards(swapped).map((board) => [board.uid, board.place])).toEqual([
      [uidB, 'usb:1-1'],
      [uidA, null],
    ]);
  });
});

describe('two boards with one UID at once', () => {
  const both = after(device('1-1', 'can-bridge', uidA), device('1-2', 'katapult', uidA));

  it('are two, and both are marked', () => {
    expect(listBoards(both).map((board) => [board.place, board.uid, board.conflict])).toEqual([
      ['usb:1-1', uidA, true],
      ['usb:1-2', uidA, true],
    ]);
    expect(new Set(listBoards(both).map((board) => board.id)).size).toBe(2);
  });

  it('are never taken for each other later, when only one is plugged in', () => {
    const ids = listBoards(both).map((board) => board.id);
    let state = track(both, { type: 'detach', portPath: '1-1' });
    state = track(state, { type: 'detach', portPath: '1-2' });
    state = track(state, { type: 'attach', device: device('1-3', 'katapult', uidA) });
    expect(ids).not.toContain(boardAt(state, 'usb:1-3')?.id);
    expect(boardAt(state, 'usb:1-3')?.conflict).toBe(true);
  });
});

describe('several boards in DFU with the same serial number', () => {
  it('stay apart by their ports', () => {
    const state = after(
      device('1-1', 'dfu', 'STM32FxSTM32'),
      device('1-2', 'dfu', 'STM32FxSTM32'),
      '1-1',
      device('1-1', 'katapult', uidA),
    );
    expect(boardAt(state, 'usb:1-2')).toMatchObject({ mode: 'dfu', uid: null, presumed: null });
  });
});

describe('the state', () => {
  it('survives JSON', () => {
    const state = after(device('1-1', 'dfu', 'STM32FxSTM32'), device('1-2', 'katapult', uidB));
    const copy = JSON.parse(JSON.stringify(state)) as TrackerState;
    expect(track(copy, { type: 'detach', portPath: '1-1' })).toEqual(
      track(state, { type: 'detach', portPath: '1-1' }),
    );
  });

  it('keeps a bounded memory of what went away', () => {
    let state = emptyTracker;
    for (let index = 0; index < 700; index++) {
      const serialNumber = index.toString(16).padStart(24, 'A');
      state = track(state, { type: 'attach', device: device('1-1', 'katapult', serialNumber) });
    }
    expect(state.visits.length).toBeLessThanOrEqual(501);
  });

  it('ignores an unplug of a port that nothing is on', () => {
    expect(listBoards(after('1-1'))).toEqual([]);
  });
});
