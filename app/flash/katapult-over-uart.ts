import { CanopusError } from '../errors.ts';
import type { BoardExpectation } from '../image/board-expectation.ts';
import { checkImage } from '../image/check-image.ts';
import type { ImageInfo } from '../image/image-info.ts';
import { commandCode, encodeCommand } from '../protocols/katapult/command.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Clock } from '../transport/clock.ts';
import type { FlashRun } from './flash-event.ts';
import { readKatapultStatus } from './katapult-connect.ts';
import { flashWithKatapult } from './katapult-flasher.ts';
import { uartLine } from './katapult-line.ts';
import { KatapultSession } from './katapult-session.ts';

/** Katapult's and Klipper's default (src/generic/serial_irq.c, Kconfig: SERIAL_BAUD). */
export const uartBaudRate = 250_000;

/** What Klipper's UART takes as the request to restart into its bootloader; Katapult and a CONNECT need none of it. */
const requestBootloader = new TextEncoder().encode('~ \x1c Request Serial Bootloader!! ~');

/** Each wait for Katapult; a request for the bootloader comes between them. The last is for a slow start. */
const probesMs = [300, 600, 1000, 2000] as const;

interface UartOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

interface UartOrder extends UartOptions {
  readonly image: { readonly bytes: Uint8Array; readonly info: ImageInfo };
  readonly board: BoardExpectation;
}

/**
 * Writes Klipper through a Katapult on a UART: asks a running Klipper for it first, checks image and chip against each other,
 * writes, reads every block back and starts it. Throws `uart/no-answer`, `image/…` and as `flashWithKatapult` does.
 */
export async function* flashOverUart(link: ByteLink, order: UartOrder): FlashRun {
  const { image, board, clock, signal } = order;
  yield { type: 'phase', phase: 'connect', safeToStop: true };
  await enterOverUart(link, order);
  yield { type: 'phase', phase: 'check', safeToStop: true };
  const { mcu, applicationAddress } = await readKatapultStatus(link, { clock, signal, line: uartLine });
  const through = { through: 'katapult', by: 'katapult', applicationStart: applicationAddress, mcu } as const;
  checkImage(image.info, board, through);
  if (image.info.usb === true)
    yield {
      type: 'note',
      text: 'This Klipper uses USB: after its start it does not reply on this serial port.',
    };
  return yield* flashWithKatapult(link, image.bytes, {
    ...{ clock, signal, line: uartLine },
    expectedMcu: image.info.mcu,
    applicationAddress: image.info.applicationAddress,
  });
}

/** What a Katapult on a UART is; changes nothing. Throws `uart/no-answer` and as `readKatapultStatus` does. */
export async function readUartStatus(link: ByteLink, { clock, signal }: UartOptions) {
  if (!(await isKatapultThere(link, clock, probesMs[1], signal))) throw noAnswer(link);
  return await readKatapultStatus(link, { clock, signal, line: uartLine });
}

async function enterOverUart(link: ByteLink, { clock, signal }: UartOptions): Promise<void> {
  for (const [index, waitMs] of probesMs.entries()) {
    if (index > 0) await link.write(requestBootloader, signal);
    if (await isKatapultThere(link, clock, waitMs, signal)) return;
  }
  throw noAnswer(link);
}

/** Asks every 100 ms: a Katapult that is about to start hears a later one. */
async function isKatapultThere(
  link: ByteLink,
  clock: Clock,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const untilMs = clock.nowMs() + withinMs;
  while (clock.nowMs() < untilMs) {
    const session = new KatapultSession(link, clock);
    await session.send([encodeCommand(commandCode.connect)]);
    const reply = await session.reply(100, signal);
    if (reply.type === 'ack') return true;
  }
  return false;
}

function noAnswer({ label }: ByteLink): CanopusError {
  const message = `${label}: neither Katapult nor Klipper replies at ${uartBaudRate} bit/s.`;
  return new CanopusError('uart/no-answer', message, { label }, { state: 'untouched' });
}
