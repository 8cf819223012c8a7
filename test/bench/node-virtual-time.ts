import { flashNode } from '../../app/flash/flash-node.ts';
import type { Phase } from '../../app/flash/flash-event.ts';
import { unknownBoard } from '../../app/image/board-expectation.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { openGsUsb } from '../../app/protocols/gs-usb/open-gs-usb.ts';
import type { CanFrame } from '../../app/transport/can-link.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import { frameBits } from '../../main/sim/can/frame-bits.ts';
import { stm32f4Timing } from '../../app/mcu/stm32f4-timing.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualClock } from '../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';

/*
 * Klipper on a toolhead over CAN at 1 Mbit/s in virtual time: what chip, bus and USB take, and nothing of any computer's
 * own slowness. Same on every machine.
 */

const flashStart = 0x0800_0000;
const applicationStart = 0x0800_8000;
const uuid = '44db3d634885';
/** A request and its reply each wait for a frame of full-speed USB. */
const usbFrameMs = 1;
const imageBytes = 30 * 1024;
const blockBytes = 64;

export interface NodeTimes {
  /** From the first block to the last one read back. */
  readonly writeAndVerifyMs: number;
  /** Erase, program, every frame on the bus, and 2 ms of USB for each request. */
  readonly floorMs: number;
  /** From the opened bridge to the reply of the new Klipper. */
  readonly wholeMs: number;
}

/** A node that is blank, holds another Klipper, or already holds the image. */
export async function virtualNodeMs(before: 'blank' | 'used' | 'same'): Promise<NodeTimes> {
  const clock = new VirtualClock();
  const bytes = makeKlipperImage({ role: 'node', size: imageBytes, seed: 7 });
  const flash = [
    { address: flashStart, bytes: makeKatapultImage() },
    { address: applicationStart, bytes: makeKlipperImage() },
  ];
  const board = { id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1' } as const;
  const canNodes = [{ uuid, application: 'katapult' } as const];
  await using bench = new VirtualBench({ boards: [{ ...board, flash, canNodes }] }, { clock });
  await clock.sleep(3000);
  const { toolheads, canBus } = bench.board('a');
  const [toolhead] = toolheads;
  if (toolhead === undefined) throw new Error('there is no toolhead');
  if (before === 'used') toolhead.flash.load(applicationStart, makeKlipperImage({ role: 'node', seed: 8 }));
  if (before === 'same') toolhead.flash.load(applicationStart, bytes);
  const frames: CanFrame[] = [];
  canBus.attach({
    bitrateBps: 1_000_000,
    recoversFromBusOff: true,
    receive: (frame) => void frames.push(frame),
  });
  const erasesBefore = toolhead.flash.eraseCounts.reduce((sum, count) => sum + count, 0);

  await using usb = withUsbFrames(await bench.devices.openUsb('1-1'), clock);
  await using can = await openGsUsb(usb, { clock });
  const image = { bytes, info: await clock.whileReal(inspectImage(bytes)) };
  const order = {
    image,
    canbusUuid: uuid,
    bridgeUuid: null,
    board: unknownBoard,
    busBitrateBps: 1_000_000,
    clock,
  };
  const began: Partial<Record<Phase, { ms: number; frames: number }>> = {};
  const startMs = clock.nowMs();
  const run = flashNode(can, order);
  for (let step = await run.next(); step.done !== true; step = await run.next()) {
    if (step.value.type === 'phase') began[step.value.phase] ??= { ms: clock.nowMs(), frames: frames.length };
  }
  const wholeMs = clock.nowMs() - startMs;
  const { write, leave } = began;
  if (write === undefined || leave === undefined) return { writeAndVerifyMs: 0, floorMs: 0, wholeMs };
  const busMs =
    frames.slice(write.frames, leave.frames).reduce((sum, each) => sum + frameBits(each), 0) / 1000;
  const blocks = imageBytes / blockBytes;
  const erases = toolhead.flash.eraseCounts.reduce((sum, count) => sum + count, 0) - erasesBefore;
  const chipMs =
    blocks * stm32f4Timing.programMs(blockBytes, 32) + erases * stm32f4Timing.eraseMs(16 * 1024, 32);
  // Each block is written and read back; the end of the file is one request more.
  const usbMs = (2 * blocks + 1) * 2 * usbFrameMs;
  return { writeAndVerifyMs: leave.ms - write.ms, floorMs: busMs + chipMs + usbMs, wholeMs };
}

/** The link as a host controller serves it: each bulk transfer waits for the next frame of 1 ms. */
function withUsbFrames(link: UsbLink, clock: Clock): UsbLink {
  return new Proxy(link, {
    get(target, name) {
      if (name === 'bulkOut') {
        const out: UsbLink['bulkOut'] = async (endpoint, data, options) => {
          await clock.sleep(usbFrameMs);
          await target.bulkOut(endpoint, data, options);
        };
        return out;
      }
      if (name === 'bulkIn') {
        const receive: UsbLink['bulkIn'] = async (endpoint, length, options) => {
          const bytes = await target.bulkIn(endpoint, length, options);
          await clock.sleep(usbFrameMs);
          return bytes;
        };
        return receive;
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
