import { CanopusError } from '../errors.ts';
import { parseConnect, type ConnectInfo } from '../protocols/katapult/answer.ts';
import { commandCode, encodeCommand } from '../protocols/katapult/command.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Clock } from '../transport/clock.ts';
import { hasOtgUsb } from '../mcu/stm32-katapult.ts';
import { byteLine, type KatapultLine } from './katapult-line.ts';
import { KatapultSession, type Reply } from './katapult-session.ts';

/**
 * Katapult replies within a millisecond, unless it was left in the middle of an erase. The second try comes soon, for a
 * reply of exactly 64 bytes (it depends on the length of the version string) waits in the host until more comes.
 */
const tryTimeoutsMs = [500, 2500, 3000] as const;
/** Garbage before CONNECT gets a NACK, with the reply to CONNECT right behind it. */
const afterNackMs = 500;
const busyWaitMs = 1500;
const maxBusy = 6;
const quietMs = 250;

interface ConnectOptions {
  /** From the USB product string or the preset; shows whether the device needs a command in front. */
  readonly expectedMcu?: string | null;
  /** The way to it; default: USB. */
  readonly line?: KatapultLine;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether the part has the USB device peripheral whose two receive buffers hold back the first command until a second
 * one comes: every STM32 with "USB FS device" instead of OTG (Katapult, scripts/flashtool.py, `prime`).
 */
function needsDummyCommand(mcu: string): boolean {
  return mcu.startsWith('stm32') && !hasOtgUsb(mcu);
}

/**
 * CONNECT, in whatever state the last program left the device: skips late replies to other requests, and copes with
 * garbage before the command.
 *
 * Throws `katapult/wedged` if the device stays silent (it enumerates as Katapult, so an earlier program has left half a
 * frame in it), `katapult/bad-answer`, `katapult/unsupported-version`, `katapult/stuck-busy`,
 * `katapult/command-failed`, `cancelled`, and what the link throws.
 */
export async function connectKatapult(
  session: KatapultSession,
  options: ConnectOptions = {},
): Promise<ConnectInfo> {
  const { expectedMcu = null, line = byteLine, signal } = options;
  if (line === byteLine && expectedMcu !== null && needsDummyCommand(expectedMcu)) {
    await session.send([encodeCommand(commandCode.dummy)]);
  }
  const seen = new Set<Reply['type']>();
  let busies = 0;
  for (let attempt = 0; attempt < tryTimeoutsMs.length;) {
    await session.send([encodeCommand(commandCode.connect)]);
    const info = await answerToConnect(session, tryTimeoutsMs[attempt] ?? 0, seen, signal);
    if (info === 'busy') {
      busies += 1;
      if (busies >= maxBusy)
        throw new CanopusError('katapult/stuck-busy', `Katapult was busy ${busies} times.`);
      await session.clock.sleep(busyWaitMs, signal);
      continue;
    }
    if (info !== null) {
      if (attempt > 0 || busies > 0) await passOverTheRest(session, attempt + busies);
      return supported(info);
    }
    attempt += 1;
  }
  throw connectError(session, seen);
}

async function answerToConnect(
  session: KatapultSession,
  timeoutMs: number,
  seen: Set<Reply['type']>,
  signal: AbortSignal | undefined,
): Promise<ConnectInfo | 'busy' | null> {
  let untilMs = session.clock.nowMs() + timeoutMs;
  for (;;) {
    const reply = await session.reply(Math.max(1, untilMs - session.clock.nowMs()), signal);
    seen.add(reply.type);
    if (reply.type === 'busy') return 'busy';
    if (reply.type === 'ack' && reply.command === commandCode.connect) return parseConnect(reply.data);
    if (reply.type === 'nack') untilMs = Math.min(untilMs, session.clock.nowMs() + afterNackMs);
    if (reply.type === 'silence' || session.clock.nowMs() >= untilMs) return null;
  }
}

/** Replies to the earlier tries, which would be mistaken for replies to the next request. */
async function passOverTheRest(session: KatapultSession, due: number): Promise<void> {
  for (let taken = 0; taken < due; taken++) {
    if ((await session.reply(quietMs)).type === 'silence') return;
  }
}

function supported(info: ConnectInfo): ConnectInfo {
  if (info.protocolMajor === 1) return info;
  throw new CanopusError(
    'katapult/unsupported-version',
    `This Katapult speaks protocol ${info.protocolVersion}; versions 1.x are known.`,
    { protocolVersion: info.protocolVersion, softwareVersion: info.softwareVersion },
  );
}

function connectError(session: KatapultSession, seen: ReadonlySet<Reply['type']>): CanopusError {
  const tries = tryTimeoutsMs.length;
  const details = { device: session.label, tries, seen: [...seen] };
  if (seen.has('nack') || (seen.size === 1 && seen.has('silence'))) {
    const text = seen.has('nack')
      ? 'received a damaged frame before it and no longer replies'
      : 'does not reply';
    return new CanopusError(
      'katapult/wedged',
      `Katapult on ${session.label} was asked ${tries} times to connect and ${text}.`,
      details,
    );
  }
  const code = seen.has('commandError') ? 'katapult/command-failed' : 'katapult/bad-answer';
  return new CanopusError(
    code,
    `Katapult on ${session.label} did not acknowledge ${tries} connects.`,
    details,
  );
}

interface KatapultStatusOptions extends ConnectOptions {
  readonly clock: Clock;
}

/** What the Katapult on `link` reports about itself; changes nothing. Throws as `connectKatapult` does. */
export function readKatapultStatus(link: ByteLink, options: KatapultStatusOptions): Promise<ConnectInfo> {
  return connectKatapult(new KatapultSession(link, options.clock), options);
}
