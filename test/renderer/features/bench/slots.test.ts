import { usbPlace } from '../../../../app/place.ts';
import { describe, expect, it } from 'vitest';
import { benchSlots, comingFor, flowAt } from '../../../../renderer/features/bench/slots.ts';
import type { BenchRecipe } from '../../../../app/bench/bench-recipe.ts';
import { bareBoard, board, chosenOctopus, flow, job } from '../../samples.ts';

const ended = { status: 'done', endedAt: '2026-01-01T12:01:00.000Z' } as const;
const ports = (...input: Parameters<typeof benchSlots>): string[] =>
  benchSlots(...input).slots.map(({ place }) => place);

describe('the slots of the bench', () => {
  it('stand in the order of their ports, as people count', () => {
    const boards = (['1-10', '1-2', '1-2.1', '2-1'] as const).map((place) => bareBoard(usbPlace(place)));
    expect(ports(boards, [])).toEqual(['usb:1-2', 'usb:1-2.1', 'usb:1-10', 'usb:2-1']);
  });

  it('keep other USB devices apart', () => {
    const mouse = board({ id: 'mouse', place: 'usb:1-3', mode: 'unknown' });
    const { slots, others } = benchSlots([board(), mouse], []);
    expect(slots.map(({ place }) => place)).toEqual(['usb:1-1']);
    expect(others).toEqual([mouse]);
  });

  it('leave out boards that are only remembered', () => {
    expect(ports([board({ place: null })], [])).toEqual([]);
  });

  it('keep a port whose board is away while its work waits for it', () => {
    expect(ports([], [job()])).toEqual(['usb:1-1']);
    expect(ports([], [job(ended)])).toEqual([]);
  });

  it('keep an unknown device while work runs on its port', () => {
    expect(ports([board({ mode: 'unknown' })], [job()])).toEqual(['usb:1-1']);
  });

  it('show the work that runs before what waits behind it, else the newest', () => {
    const shown = (...jobs: ReturnType<typeof job>[]) => benchSlots([board()], jobs).slots[0]?.job?.id;
    const queued = job({ id: 'queued', status: 'queued', startedAt: null });
    expect(shown(job({ id: 'runs' }), queued)).toBe('runs');
    expect(shown(job({ id: 'old', ...ended }), job({ id: 'new', ...ended }))).toBe('new');
    expect(shown(job({ id: 'old', ...ended }), queued)).toBe('queued');
  });
});

describe('the flow of a port', () => {
  it('is the one under way, else the last that was done there', () => {
    const done = flow({ id: 'done', place: 'usb:1-1', stage: 'done' });
    const open = flow({ id: 'open', place: 'usb:1-1' });
    expect(flowAt([open, done], 'usb:1-1')?.id).toBe('open');
    expect(flowAt([done], 'usb:1-1')?.id).toBe('done');
    expect(flowAt([open], 'usb:1-2')).toBeNull();
  });
});

describe('what a board is to get', () => {
  const recipe: BenchRecipe = {
    ...{ id: 'r1', board: { presetId: 'p', variantId: 'v' }, name: 'Spider', mcu: 'stm32f446xx' },
    ...{
      markings: [],
      flashBytes: null,
      images: { bootloader: 'k', application: 'l' },
      klipper: { version: 'v1', sha256: null },
    },
    ...{
      role: 'bridge',
      modes: ['dfu', 'katapult'],
      target: null,
      confirmedCrystalHz: null,
      crystalHz: null,
      backup: false,
      isArmed: true,
    },
  };
  const images = { bootloader: 'k', application: 'l' };

  it('is what its flow has chosen', () => {
    const waiting = flow({ stage: 'dfu', board: chosenOctopus(), images });
    expect(comingFor(bareBoard('usb:1-1'), waiting, [recipe])?.boardName).toBe(chosenOctopus().name);
  });

  it('is else what is armed for boards like it', () => {
    expect(comingFor(bareBoard('usb:1-1'), null, [recipe])).toEqual({
      ...{ boardName: 'Spider', klipper: 'v1', isKatapultOnly: false },
    });
    expect(comingFor(bareBoard('usb:1-1'), null, [{ ...recipe, role: 'node' }])?.isKatapultOnly).toBe(true);
    expect(comingFor(bareBoard('usb:1-1', { mcu: 'stm32f407xx' }), null, [recipe])).toBeNull();
    expect(comingFor(board(), null, [recipe])).toBeNull();
  });

  it('is what is armed for outdated bridges, but for one that the bench leaves as it is', () => {
    const forBridges: BenchRecipe = { ...recipe, mcu: 'stm32f446xx', modes: ['outdated-bridge'] };
    const bridge = board({ mode: 'can-bridge', mcu: 'stm32f446xx' });
    expect(comingFor(bridge, null, [forBridges])?.klipper).toBe('v1');
    expect(comingFor(bridge, null, [recipe])).toBeNull();
    expect(comingFor(bareBoard('usb:1-1'), null, [forBridges])).toBeNull();
    for (const why of ['up-to-date', 'unknown-firmware', 'done-before', 'ignored'] as const) {
      expect(comingFor(bridge, null, [forBridges], why)).toBeNull();
    }
  });

  it('is unknown if nothing is decided, or two recipes fit', () => {
    expect(comingFor(bareBoard('usb:1-1'), null, [{ ...recipe, isArmed: false }])).toBeNull();
    expect(
      comingFor(bareBoard('usb:1-1'), null, [recipe, { ...recipe, id: 'r2', mcu: 'stm32f407xx' }]),
    ).toBeNull();
  });
});
