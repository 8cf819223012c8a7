import type { PlaceId } from '../../../app/place.ts';
import { expectationOf, unknownBoard, type BoardExpectation } from '../../../app/image/board-expectation.ts';
import type { ByPart } from '../../../app/image/image-parts.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import { checkBoardImages, type BoardImages, type LoadedImage } from '../../../main/jobs/board-images.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import type { FlashBoardEvent } from '../../../main/jobs/board-event.ts';
import { flashBoard, type FlashBoardOptions, type FlashBoardReport } from '../../../main/jobs/flash-board.ts';
import { loadPresets } from '../../../main/presets.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import type { Board } from '../../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import type { DeviceAccess } from '../../../main/devices/device-access.ts';
import { devicesOf } from '../host-systems.ts';

/** Of an order for both parts. */
export type BothImages = BoardImages & ByPart<LoadedImage>;

export const uid = '430014000A50534E4E313120';

export const bareF446: BoardInput = { id: 'a', mcu: 'stm32f446xx', uid, port: '1-1', boot0: true };

export async function asLoaded(name: string, bytes: Uint8Array): Promise<LoadedImage> {
  return { name, bytes, info: await inspectImage(bytes) };
}

/** Two images for a board of this MCU; small ones, where a test is about every block. */
export async function imagesFor(
  mcu: 'stm32f446xx' | 'stm32f407xx' | 'stm32f429xx' = 'stm32f446xx',
  board: BoardExpectation = unknownBoard,
): Promise<BothImages> {
  const bootloader = await asLoaded('katapult.bin', makeKatapultImage({ mcu }));
  const application = await asLoaded('klipper.bin', makeKlipperImage({ mcu }));
  return checkBoardImages({ bootloader, application }, board);
}

export async function expectedBoard(reference: string): Promise<BoardExpectation> {
  return expectationOf(findPreset(await loadPresets(), reference));
}

/**
 * What a person does who reads the asks: power off, jumper off, power on, again where it turns out that the jumper is
 * still on; or a press of reset.
 */
export function obedientHands(board: Board): (event: FlashBoardEvent) => void {
  let isJumperAsked = false;
  return (event) => {
    if (event.type === 'step') isJumperAsked = false;
    if (event.type === 'ask' && event.ask === 'press-reset') board.reset();
    if (event.type === 'ask' && event.ask === 'double-tap') board.doubleTap();
    const isStillOn = isJumperAsked && event.type === 'sight' && event.sight === 'dfu-again';
    if (!isStillOn && !(event.type === 'ask' && event.ask === 'remove-jumper')) return;
    isJumperAsked = true;
    board.setPower(false);
    board.setBoot0(false);
    board.setPower(true);
  };
}

export class BenchRun implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly bench: VirtualBench;
  /** As the system under test shows them. */
  readonly devices: DeviceAccess;
  readonly events: FlashBoardEvent[] = [];
  #watch: DeviceWatch | null = null;

  constructor(...boards: readonly BoardInput[]) {
    this.bench = new VirtualBench({ boards: [...boards] }, { clock: this.clock });
    this.devices = devicesOf(this.bench);
  }

  get board(): Board {
    return this.bench.board('a');
  }

  /** The watch of this run, opened at first use; waits until something is on the port. */
  async present(place: PlaceId): Promise<DeviceWatch> {
    this.#watch ??= await DeviceWatch.open(this.devices, this.clock);
    await this.#watch.waitFor((watch) => watch.at(place), { timeoutMs: 10_000 });
    return this.#watch;
  }

  async flash(
    images: BoardImages,
    options: Partial<FlashBoardOptions> & { hands?: (event: FlashBoardEvent) => void } = {},
  ): Promise<FlashBoardReport> {
    const { place = 'usb:1-1', hands = obedientHands(this.board), ...rest } = options;
    const watch = await this.present(place);
    return flashBoard(
      { devices: this.devices, clock: this.clock, watch },
      {
        place,
        images,
        ...rest,
        onEvent: (event) => {
          this.events.push(event);
          hands(event);
        },
      },
    );
  }

  /** What flash holds where an image belongs. */
  holds(image: LoadedImage, board: Board = this.board): boolean {
    const { applicationAddress } = image.info;
    if (applicationAddress === null) return false;
    const found = board.flash.read(applicationAddress, image.bytes.length);
    return Buffer.compare(found, image.bytes) === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    await this.devices[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }
}
