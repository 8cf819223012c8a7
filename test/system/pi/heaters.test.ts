import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { MoonrakerKey } from '../../../app/pi/moonraker-key.ts';
import { MoonrakerClient } from '../../../main/pi/moonraker.ts';
import { MoonrakerStandIn, type MoonrakerState } from '../../../main/sim/pi/moonraker-stand-in.ts';
import { serveMoonraker } from './serve-moonraker.ts';

async function heatersOf(state: Partial<MoonrakerState>): Promise<unknown> {
  await using served = await serveMoonraker(new MoonrakerStandIn(state));
  const client = new MoonrakerClient({
    connect: () => Promise.resolve(connect(served.port, '127.0.0.1')),
    host: 'pi',
    key: new MoonrakerKey('pi'),
  });
  return await client.heaters();
}

it('the heaters of a printer are read over HTTP, whatever their names', async () => {
  const heaters = new Map([
    ['extruder', { temperature: 199.7, target: 200 }],
    ['heater_generic chamber', { temperature: 31, target: 0 }],
  ]);
  expect(await heatersOf({ heaters })).toEqual([
    { name: 'extruder', temperature: 199.7, target: 200 },
    { name: 'heater_generic chamber', temperature: 31, target: 0 },
  ]);
});

it.each(['error', 'shutdown', 'disconnected'] as const)('a Klipper that is %s has none', async (klippy) => {
  const heaters = new Map([['extruder', { temperature: 199.7, target: 200 }]]);
  expect(await heatersOf({ klippy, heaters })).toEqual([]);
});
