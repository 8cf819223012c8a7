import { usbPlace, type PortPath } from '../../../app/place.ts';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePreset } from '../../../app/boards/preset.ts';
import { emptyTracker, learnUid, listBoards, track } from '../../../app/boards/tracker.ts';
import type { UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { CanopusError } from '../../../app/errors.ts';
import { Random } from '../../fixtures/random.ts';
import { cases } from '../../counts.ts';

const octopus = readFileSync(new URL('../../../resources/boards/btt-octopus.json', import.meta.url));

function parse(text: string): void {
  try {
    parsePreset('btt-octopus.json', text);
  } catch (error) {
    if (!(error instanceof CanopusError) || error.code !== 'preset/invalid') throw error;
  }
}

/** JSON of no meaning, made of the words that presets are made of. */
function randomJson(random: Random, depth: number): unknown {
  const keys = [
    'id',
    'value',
    'source',
    'sources',
    'parts',
    'variants',
    '__proto__',
    'constructor',
    'mcu',
    'romEntry',
  ];
  switch (random.below(depth > 3 ? 4 : 6)) {
    case 0:
      return random.pick(['btt-octopus', 'stm32f446xx', '', '__proto__', 'PD0']);
    case 1:
      return random.pick([0, -1, 8_000_000, 1e300, 0.5]);
    case 2:
      return random.pick([null, true, false]);
    case 3:
      return [];
    case 4:
      return Array.from({ length: random.below(4) }, () => randomJson(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(6) }, () => [random.pick(keys), randomJson(random, depth + 1)]),
      );
  }
}

describe('the preset parser', () => {
  it('survives random and mutated files', { timeout: 60_000 }, () => {
    const random = new Random(7);
    const decoder = new TextDecoder();
    const json = JSON.parse(decoder.decode(octopus)) as Record<string, unknown>;
    const small = new TextEncoder().encode(JSON.stringify(json).slice(0, 600));
    for (let run = 0; run < cases(80_000); run++) parse(decoder.decode(random.bytes(random.below(32))));
    for (let run = 0; run < cases(12_000); run++) parse(JSON.stringify(randomJson(random, 0)));
    for (let run = 0; run < cases(7_000); run++) parse(decoder.decode(random.mutate(small)));
    for (let run = 0; run < cases(1_000); run++)
      parse(JSON.stringify({ ...json, [random.pick(Object.keys(json))]: randomJson(random, 1) }));
  });
});

describe('the tracker', () => {
  const texts = [
    null,
    '',
    'Klipper',
    'stm32f446xx',
    'STM32FxSTM32',
    '430014000A50534E4E313120',
    '39001B000C51313339373836',
    '204531914E53',
  ];
  // As no system spells them, too: the tracker must not mind.
  const ports = [
    '1-1',
    '1-2',
    '2-4.3.1',
    '',
    '__proto__',
    'constructor',
  ] as readonly string[] as readonly PortPath[];
  const ids = [0x0483, 0xdf11, 0x1d50, 0x6177, 0x614e, 0x606f, 0, 0xffff];

  function randomEvent(random: Random): UsbDeviceEvent {
    const portPath = random.pick(ports);
    const type = random.pick(['attach', 'attach', 'change', 'detach'] as const);
    if (type === 'detach') return { type, portPath };
    const [vendorId, productId] =
      random.below(4) === 0 ? [random.pick(ids), random.pick(ids)] : [0x1d50, random.pick([0x6177, 0x606f])];
    const device = {
      portPath,
      vendorId,
      productId,
      bcdDevice: random.below(0x10000),
      manufacturer: random.pick(texts),
      product: random.pick(texts),
      serialNumber: random.pick(texts),
      interfaces: null,
      tty: random.pick([null, '/dev/ttyACM0', 'COM3']),
      access: { ok: true } as const,
      driver: null,
    };
    return { type, device };
  }

  it('survives random events in a bounded memory', { timeout: 60_000 }, () => {
    const random = new Random(11);
    let state = emptyTracker;
    for (let run = 0; run < cases(100_000); run++) {
      state = track(state, randomEvent(random));
      if (run % 97 === 0) state = learnUid(state, usbPlace(random.pick(ports)), '37001A001851303439363932');
      if (run % 1000 === 0) {
        const there = listBoards(state).flatMap(({ place }) => place ?? []);
        expect(new Set(there).size).toBe(there.length);
        expect(new Set(listBoards(state).map(({ id }) => id)).size).toBe(state.visits.length);
        expect(state.visits.length).toBeLessThan(510);
      }
    }
  });
});
