import { DfuPort } from '../../app/flash/dfu-port.ts';
import { installWithDfu } from '../../app/flash/dfu-install.ts';
import { chunksOf } from '../../app/protocols/dfuse/block.ts';
import {
  commandBlockNumber,
  encodeEraseSector,
  encodeSetAddress,
} from '../../app/protocols/dfuse/command.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualClock } from '../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';

/*
 * Both ways of writing Katapult in virtual time: what the chip and the bus take, and nothing of any computer's own
 * slowness. Same on every machine.
 */

const flashStart = 0x0800_0000;
const applicationStart = 0x0800_8000;
const transferSize = 2048;
const image = makeKatapultImage();

type Work = (link: UsbLink, clock: VirtualClock) => Promise<void>;

/** Milliseconds that `work` takes on a board in ROM DFU, just reset, which is blank or holds older firmware. */
export async function virtualDfuMs(before: 'blank' | 'used', work: Work): Promise<number> {
  const clock = new VirtualClock();
  const used = [
    { address: flashStart, bytes: makeKatapultImage({ seed: 7 }) },
    { address: applicationStart, bytes: makeKlipperImage({ seed: 7 }) },
  ];
  const board = { id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1' } as const;
  await using bench = new VirtualBench(
    { boards: [{ ...board, boot0: true, flash: before === 'used' ? used : [] }] },
    { clock },
  );
  await clock.sleep(3000);
  await using link = await bench.devices.openUsb('1-1');
  const startMs = clock.nowMs();
  await work(link, clock);
  return clock.nowMs() - startMs;
}

/** Ours: erase, write, read back, leave, and the UID. */
export const installByUs: Work = async (link, clock) => {
  const run = installWithDfu(link, image, {
    clock,
    applicationAddress: applicationStart,
    checkTarget: () => [],
  });
  while ((await run.next()).done !== true);
};

/**
 * The requests of `dfu-util -s 0x08000000:leave -D`, as recorded (test/fixtures/dfuse): each block has a set-address of
 * its own, only the image's sector is erased, nothing is read back.
 */
export const installByDfuUtil: Work = async (link, clock) => {
  await link.claimInterface(0);
  await link.setAltSetting(0, 0);
  const port = new DfuPort(link, 0);
  const perform = async (wValue: number, data: Uint8Array): Promise<void> => {
    await port.dnload(wValue, data);
    for (;;) {
      const { state, pollTimeoutMs } = await port.getStatus();
      if (state === 'dfuDNLOAD-IDLE') return;
      await clock.sleep(pollTimeoutMs);
    }
  };
  await port.getStatus();
  await perform(commandBlockNumber, encodeEraseSector(flashStart));
  for (const { address, length } of chunksOf(flashStart, image.length, transferSize)) {
    await perform(commandBlockNumber, encodeSetAddress(address));
    await perform(2, image.subarray(address - flashStart, address - flashStart + length));
  }
  await port.abort();
  await port.getStatus();
  await perform(commandBlockNumber, encodeSetAddress(flashStart));
  await port.dnload(2, new Uint8Array(0));
  await port.getStatus();
};
