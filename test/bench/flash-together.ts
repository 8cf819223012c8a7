import { usbPlace } from '../../app/place.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { checkBoardImages, type BoardImages } from '../../main/jobs/board-images.ts';
import { DeviceWatch } from '../../main/jobs/device-watch.ts';
import { flashBoard } from '../../main/jobs/flash-board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';

const mcus = ['stm32f446xx', 'stm32f407xx', 'stm32f429xx'] as const;

/**
 * Takes `count` bare virtual boards from DFU to bridge at the same time, in real time with datasheet durations, and
 * returns how long all of them took, in milliseconds. People act instantly. One board is an F446; more are of all
 * kinds.
 */
export async function flashTogether(count: number): Promise<number> {
  const boards = Array.from({ length: count }, (_, index) => ({
    id: `board-${index}`,
    mcu: mcus[index % mcus.length] ?? mcus[0],
    uid: (0x430014 + index).toString(16).padStart(8, '0').toUpperCase() + '0A50534E4E313120',
    port: `1-${index + 1}`,
    boot0: true,
  }));
  const images = new Map(await Promise.all(mcus.map(async (mcu) => [mcu, await imagesFor(mcu)] as const)));
  await using bench = new VirtualBench({ boards }, { clock: systemClock });
  using watch = await DeviceWatch.open(bench.devices, systemClock);
  await watch.waitFor((now) => (now.all().length === count ? true : null), { timeoutMs: 10_000 });
  const startMs = performance.now();
  await Promise.all(
    bench.boards.map((board) => {
      const own = images.get(board.mcu as (typeof mcus)[number]);
      if (own === undefined) throw new Error(`no images for ${board.mcu}`);
      return flashBoard(
        { devices: bench.devices, clock: systemClock, watch },
        {
          place: usbPlace(board.port),
          images: own,
          onEvent(event) {
            if (event.type !== 'ask') return;
            board.setPower(false);
            board.setBoot0(false);
            board.setPower(true);
          },
        },
      );
    }),
  );
  return performance.now() - startMs;
}

async function imagesFor(mcu: (typeof mcus)[number]): Promise<BoardImages> {
  const load = async (name: string, bytes: Uint8Array) => ({ name, bytes, info: await inspectImage(bytes) });
  return checkBoardImages({
    bootloader: await load('katapult.bin', makeKatapultImage({ mcu })),
    application: await load('klipper.bin', makeKlipperImage({ mcu })),
  });
}
