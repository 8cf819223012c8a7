import { describe, expect, it } from 'vitest';
import { foreignKind, foreignKinds, foreignWords } from '../../../app/boards/foreign-device.ts';
import { foreignIds } from '../../../app/boards/foreign-ids.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { board, withBridge, withKatapult } from '../../main/sim/bench-rig.ts';

describe('foreignIds', () => {
  // The virtual devices take their ids from this table too, so it is checked against other lists here.
  it('has the ids by which dfu-util, lsusb and picotool list these devices', () => {
    const listed = Object.entries(foreignIds).map(([kind, [vendor, product]]) => [
      kind,
      `${vendor.toString(16).padStart(4, '0')}:${product.toString(16).padStart(4, '0')}`,
    ]);
    expect(Object.fromEntries(listed)).toEqual({
      'gd32-dfu': '28e9:0189',
      'at32-dfu': '2e3c:df11',
      'apm32-dfu': '314b:0106',
      'maple-boot': '1eaf:0003',
      'can-adapter': '1d50:606f',
    });
  });
});

describe('foreignKind', () => {
  it.each([
    ['gd32-dfu', 'gd32-dfu'],
    ['at32-dfu', 'at32-dfu'],
    ['apm32-dfu', 'apm32-dfu'],
    ['maple-boot', 'maple-boot'],
    ['other-dfu', 'other-dfu'],
    ['candlelight', 'can-adapter'],
    ['mouse', null],
  ] as const)('names a %s', async (kind, expected) => {
    const bench = new VirtualBench(
      { boards: [], foreign: [{ kind, port: '1-7' }] },
      { clock: new VirtualClock() },
    );
    const [device] = await bench.devices.list();
    expect(device && foreignKind(device)).toBe(expected);
    await bench[Symbol.asyncDispose]();
  });

  it('leaves boards alone, in every mode', async () => {
    const boards = [
      board({ boot0: true }),
      board({ id: 'b', port: '1-2', flash: withKatapult }),
      board({ id: 'c', port: '1-3', flash: withBridge }),
    ];
    const bench = new VirtualBench({ boards }, { clock: new VirtualClock() });
    await bench.clock.sleep(2_000);
    const devices = await bench.devices.list();
    expect(devices.map(foreignKind)).toEqual([null, null, null]);
    await bench[Symbol.asyncDispose]();
  });

  it('has one plain text for each kind, which says that it is left alone', () => {
    for (const kind of foreignKinds) {
      const { title, text } = foreignWords[kind];
      expect(title.length).toBeLessThan(30);
      expect(text).toMatch(/Canopus (does not flash it|leaves it alone)/);
    }
  });
});
