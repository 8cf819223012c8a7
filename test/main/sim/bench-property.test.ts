import fc from 'fast-check';
import { expect, it } from 'vitest';
import { portOf, type UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import type { Board } from '../../../main/sim/board/board.ts';
import { bench, board, withBridge, withKatapult } from './bench-rig.ts';
import { cases } from '../../counts.ts';

const uids = ['430014000A50534E4E313120', '39001B000C51313339373836', '37001A001851303439363932'];
const contents = [[], withKatapult, withBridge];

const action = fc.oneof(
  fc.record({
    do: fc.constantFrom('plug', 'unplug', 'reset', 'doubleTap'),
    on: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({
    do: fc.constantFrom('boot0', 'no boot0', 'power', 'no power'),
    on: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ do: fc.constantFrom('swap', 'hub', 'no hub'), on: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ do: fc.constant('wait'), on: fc.constantFrom(0, 1, 6, 40, 301, 900) }),
);

it('has consistent events for every port, whatever people do: random plug, unplug, swap, reset, power, jumper', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const {
        bench: virtual,
        devices,
        clock,
      } = bench(
        ...uids.map((uid, index) =>
          board({ id: `b${index}`, uid, port: `1-4.${index + 1}`, flash: contents[index] ?? [] }),
        ),
      );
      const onPort = new Map<string, string>();
      await devices.watch((event) => follow(onPort, event));
      for (const { do: what, on } of actions) {
        if (what === 'wait') await clock.sleep(on);
        else if (what === 'swap') virtual.swap(`b${on}`, `b${(on + 1) % 3}`);
        else if (what === 'hub') virtual.plugHub('1-4');
        else if (what === 'no hub') virtual.unplugHub('1-4');
        else act(virtual.board(`b${on}`), what);
        for (const each of virtual.boards) {
          expect(each.device === null || (each.plugged && each.device.portPath === each.port)).toBe(true);
        }
      }
      await clock.sleep(3000);
      expect(
        new Map((await devices.list()).map((device) => [device.portPath, device.serialNumber ?? ''])),
      ).toEqual(onPort);
      for (const each of virtual.boards) {
        expect(each.running).not.toBe('starting');
        const shown = each.plugged && !['off', 'silent'].includes(each.running);
        expect({ id: each.id, onBus: each.device !== null }).toEqual({ id: each.id, onBus: shown });
      }
      await virtual[Symbol.asyncDispose]();
    }),
    { numRuns: cases(150, 50) },
  );
});

/** Fails on an arrival at a port that is taken, on a change or a departure where nothing is. */
function follow(onPort: Map<string, string>, event: UsbDeviceEvent): void {
  if (event.type === 'unreadable') {
    if (onPort.has(event.portPath)) throw new Error(`unreadable, though it was read, on ${event.portPath}`);
    return;
  }
  const portPath = portOf(event);
  if (onPort.has(portPath) === (event.type === 'attach')) throw new Error(`${event.type} on ${portPath}`);
  if (event.type === 'detach') onPort.delete(portPath);
  else onPort.set(portPath, event.device.serialNumber ?? '');
}

function act(on: Board, what: string): void {
  if (what === 'plug') on.plug();
  if (what === 'unplug') on.unplug();
  if (what === 'reset') on.reset();
  if (what === 'doubleTap') on.doubleTap();
  if (what === 'boot0' || what === 'no boot0') on.setBoot0(what === 'boot0');
  if (what === 'power' || what === 'no power') on.setPower(what === 'power');
}
