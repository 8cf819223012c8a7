import { CanopusError } from '../errors.ts';
import { hex32 } from '../hex.ts';
import { rpFlash } from '../mcu/rp-memory.ts';
import { throwIfCancelled, type BoardProgress } from './board-progress.ts';
import { hexByte } from './flash-damage.ts';
import { firstDifference, isErased, sameBytes } from './flash-bytes.ts';
import type { FlashEvent } from './flash-event.ts';
import { contentOf, type PicobootPlan } from './picoboot-plan.ts';
import type { PicobootSession } from './picoboot-session.ts';

/** What the steps of one install share. */
export interface PicobootInstall {
  readonly session: PicobootSession;
  readonly plan: PicobootPlan;
  readonly imageLength: number;
  readonly signal: AbortSignal | undefined;
  readonly board: BoardProgress;
}

type Step<Result = void> = AsyncGenerator<FlashEvent, Result, void>;

const { start, sectorBytes, pageBytes } = rpFlash;

/**
 * Reads what is there, and returns the sectors of the image to erase, ascending, and whether an application has to be
 * cleared. Flash that begins blank was never written, or an earlier run was cut off: then a sector may read correctly
 * although its cells are only half erased or programmed, so all of the image's are erased again.
 */
export async function* compare(run: PicobootInstall): Step<{ changed: readonly number[]; clears: boolean }> {
  const { session, plan, signal, board } = run;
  const { sectors, applicationSector } = plan;
  const isBlank = isErased(await session.read(start, pageBytes));
  const changed: number[] = [];
  for (const sector of sectors) {
    throwIfCancelled(signal, board);
    const content = contentOf(plan, sector);
    if (isBlank || !sameBytes(await session.read(sector, content.length), content)) changed.push(sector);
    const bytesDone = Math.min(sector - start + sectorBytes, run.imageLength);
    yield { type: 'progress', phase: 'check', bytesDone, bytesTotal: run.imageLength };
  }
  const clears = !isErased(await session.read(applicationSector, sectorBytes));
  if (changed.length > 0 && changed[0] !== start) changed.unshift(start);
  return { changed, clears };
}

/** From the first erase on there is nothing left to start. */
export async function* erase(run: PicobootInstall, sectors: readonly number[]): Step {
  yield { type: 'phase', phase: 'erase', safeToStop: false };
  const { session, signal, board } = run;
  const bytesTotal = sectors.length * sectorBytes;
  let bytesDone = 0;
  for (const sector of sectors) {
    throwIfCancelled(signal, board);
    board.state = 'bootsel-partial';
    await session.eraseSector(sector);
    board.sectorsErased += 1;
    // An RP2040's ROM acknowledges an erase that it refused; nothing is written before the first one is proven.
    if (sector === start) await checkErased(session, start, pageBytes);
    bytesDone += sectorBytes;
    yield { type: 'progress', phase: 'erase', bytesDone, bytesTotal };
  }
}

/** Everything but the first page. */
export async function* write(run: PicobootInstall, sectors: readonly number[]): Step {
  yield { type: 'phase', phase: 'write', safeToStop: false };
  const { session, plan, signal, board } = run;
  const bytesTotal = sectors.reduce((sum, sector) => sum + contentOf(plan, sector).length, 0);
  let bytesDone = 0;
  for (const sector of sectors) {
    throwIfCancelled(signal, board);
    const content = contentOf(plan, sector);
    const from = sector === start ? pageBytes : 0;
    if (content.length > from) await session.write(sector + from, content.subarray(from));
    bytesDone += content.length;
    if (bytesDone < bytesTotal) yield { type: 'progress', phase: 'write', bytesDone, bytesTotal };
  }
  yield { type: 'progress', phase: 'write', bytesDone: bytesTotal, bytesTotal };
}

/** Reads all of the image and the application's first sector back; only then writes the first page, if it is new. */
export async function* verify(run: PicobootInstall, isFirstPageNew: boolean): Step {
  yield { type: 'phase', phase: 'verify', safeToStop: false };
  const { session, plan, imageLength, signal, board } = run;
  for (const sector of plan.sectors) {
    throwIfCancelled(signal, board);
    const content = contentOf(plan, sector).slice();
    if (sector === start && isFirstPageNew) content.fill(0xff, 0, pageBytes);
    await checkWritten(session, sector, content);
    const bytesDone = Math.min(sector - start + sectorBytes, imageLength - 1);
    yield { type: 'progress', phase: 'verify', bytesDone, bytesTotal: imageLength };
  }
  await checkErased(session, plan.applicationSector, sectorBytes);
  throwIfCancelled(signal, board);
  if (isFirstPageNew) {
    const page = plan.expected.subarray(0, pageBytes);
    await session.write(start, page);
    await checkWritten(session, start, page);
  }
  board.state = 'bootsel-written';
  yield { type: 'progress', phase: 'verify', bytesDone: imageLength, bytesTotal: imageLength };
}

async function checkWritten(session: PicobootSession, address: number, expected: Uint8Array): Promise<void> {
  const found = await session.read(address, expected.length);
  const first = firstDifference(expected, found);
  if (first < 0) return;
  const different = expected.filter((byte, index) => byte !== found[index]).length;
  throw new CanopusError(
    'picoboot/verify-mismatch',
    `Flash holds ${hexByte(found[first])} at ${hex32(address + first)} where ${hexByte(expected[first])} was written; ` +
      `${different} of ${expected.length} bytes in this sector differ.`,
    {
      address: hex32(address + first),
      expected: hexByte(expected[first]),
      found: hexByte(found[first]),
      different,
    },
  );
}

async function checkErased(session: PicobootSession, address: number, length: number): Promise<void> {
  const found = await session.read(address, length);
  const first = found.findIndex((byte) => byte !== 0xff);
  if (first < 0) return;
  throw new CanopusError(
    'picoboot/erase-failed',
    `The flash at ${hex32(address)} was erased but holds ${hexByte(found[first])} at ${hex32(address + first)}.`,
    { address: hex32(address + first), found: hexByte(found[first]) },
  );
}
