import { type PlaceId, usbPlace } from '../../app/place.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { expectationOf } from '../../app/image/board-expectation.ts';
import { findPreset } from '../../app/boards/preset.ts';
import { PiSession } from '../../app/pi/pi-session.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { checkBoardImages, type BoardImages, type LoadedImage } from '../jobs/board-images.ts';
import { DeviceWatch } from '../jobs/device-watch.ts';
import type { Ask } from '../../app/flash/run-step.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { loadPresets } from '../presets.ts';
import { plugBridges } from '../sim/pi/bench-adapters.ts';
import { VirtualPiHost } from '../sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../sim/pi/virtual-pi.ts';
import { makeKatapultImage, makeKlipperImage } from '../sim/sample-images.ts';
import { VirtualBench } from '../sim/virtual-bench.ts';

/** One bare virtual Octopus Pro with its BOOT0 jumper on, two sample images for it, hands, and a virtual Pi. */
interface Demo extends AsyncDisposable {
  readonly services: JobServices;
  readonly place: PlaceId;
  readonly presetName: string;
  readonly images: BoardImages;
  /** The Pi that the board is in, too; it is not set up. */
  readonly pi: PiSession;
  /** Does what a person was asked to do; returns in words what that was. */
  obey(ask: Ask): string;
}

const mcu = 'stm32f446xx';
const portPath = '1-1';
const place = usbPlace(portPath);
const presetId = 'btt-octopus-pro-1.1';

/** Sets up the virtual board; every duration is as in the datasheet. */
export async function openDemo(clock: Clock): Promise<Demo> {
  const { preset, variants } = findPreset(await loadPresets(), presetId);
  const bench = new VirtualBench(
    { boards: [{ id: 'demo', mcu, uid: '430014000A50534E4E313120', port: portPath, boot0: true }] },
    { clock },
  );
  const board = bench.board('demo');
  const klipper = await sample('klipper.bin', makeKlipperImage({ mcu }));
  const klipperVersion = klipper.info.version ?? '';
  const pi = new VirtualPi({ clock, flavour: 'networkmanager', klipperVersion });
  plugBridges(bench, pi);
  const watch = await DeviceWatch.open(bench.devices, clock);
  await watch.waitFor((now) => now.at(place), { timeoutMs: 10_000 });
  return {
    services: { devices: bench.devices, clock, watch },
    place,
    presetName: preset.name,
    images: checkBoardImages(
      { bootloader: await sample('katapult.bin', makeKatapultImage({ mcu })), application: klipper },
      expectationOf({ preset, variants }),
    ),
    pi: new PiSession(new VirtualPiHost(pi), { clock, now: () => new Date(), random: Math.random }),
    obey(ask) {
      if (ask === 'press-reset') {
        board.reset();
        return 'reset pressed';
      }
      if (ask === 'double-tap') {
        board.doubleTap();
        return 'reset pressed twice';
      }
      board.setPower(false);
      board.setBoot0(false);
      board.setPower(true);
      return 'power off, BOOT0 jumper off, power on';
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      pi.dispose();
      await bench[Symbol.asyncDispose]();
    },
  };
}

async function sample(name: string, bytes: Uint8Array): Promise<LoadedImage> {
  return { name, bytes, info: await inspectImage(bytes) };
}
