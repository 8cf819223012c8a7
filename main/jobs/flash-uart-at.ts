import { uartAt, type PlaceId } from '../../app/place.ts';
import { CanopusError } from '../../app/errors.ts';
import { followRun } from '../../app/flash/follow-run.ts';
import { flashOverUart } from '../../app/flash/katapult-over-uart.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { FlashBoardEvent } from './board-event.ts';
import type { BoardImages } from './board-images.ts';
import type { FlashBoardReport } from './flash-board.ts';
import type { JobServices } from './job-services.ts';
import { untouchedIfRefused } from './untouched.ts';

interface FlashUartOptions {
  /** `pi:voron/uart:ttyAMA0` */
  readonly place: PlaceId;
  readonly images: BoardImages;
  readonly signal: AbortSignal;
  readonly onEvent: (event: FlashBoardEvent) => void;
}

/**
 * Writes Klipper to a board on a serial port of a Pi. Whether it runs afterwards is not seen: that takes its Klipper host.
 * Throws what `flashOverUart` and `openUartAt` throw, `image/wrong-kind` for an order with a bootloader.
 */
export async function flashUartAt(
  services: JobServices,
  { place, images, signal, onEvent }: FlashUartOptions,
): Promise<FlashBoardReport> {
  const { application, bootloader, board } = images;
  if (application === null || bootloader !== null) {
    const message =
      'Over a UART a board gets Klipper; its Katapult is written over USB or with a programmer.';
    throw new CanopusError('image/wrong-kind', message, { place }, { state: 'untouched' });
  }
  onEvent({ type: 'step', step: 'install-klipper', place });
  await using link = await openUartAt(services, place);
  const order = { clock: services.clock, signal, image: application, board };
  const written = await followRun(flashOverUart(link, order), onEvent);
  onEvent({ type: 'step', step: 'done', place });
  return {
    ...{ place, canbusUuid: null, canbusUuidSource: null, uid: null, seen: null, crystalHz: null },
    mcu: application.info.mcu,
    written: { bootloader: null, application: written },
  };
}

/** Throws `uart/missing`, `uart/console`, `uart/in-use`, `link/…`; `device/unreachable` for any other place. */
export async function openUartAt({ openUart }: JobServices, place: PlaceId): Promise<ByteLink> {
  const name = uartAt(place);
  if (name !== null && openUart !== undefined) return await untouchedIfRefused(openUart(name));
  const message = `${place} is no serial port of a Pi.`;
  throw new CanopusError('device/unreachable', message, { place }, { state: 'untouched' });
}
