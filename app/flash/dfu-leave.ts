import { CanopusError, isCanopusError } from '../errors.ts';
import { firstDataBlock } from '../protocols/dfuse/block.ts';
import { explainRefusal, linkFailure, reportedFailure } from './dfu-failure.ts';
import type { DfuSession } from './dfu-session.ts';

/** The device disconnects instead of replying, so do not wait long. */
const farewellTimeoutMs = 2_000;

/**
 * Makes the ROM start the firmware at `address`: DNLOAD of no bytes, then one GETSTATUS (AN3156, 5.5). The jump goes to
 * the address pointer, wherever the last write set it, so it is set only if it is elsewhere.
 *
 * The device disconnects on that GETSTATUS: a stall, a time-out, an I/O error or "gone" there is success. The caller
 * must have read back what it wrote: nothing after this proves anything.
 */
export async function leaveDfu(session: DfuSession, address: number): Promise<void> {
  await session.pointTo(address);
  await session.readyForDownload();
  const operation = session.operation('leave', address, 0);
  const { port } = session;
  session.distrust();
  try {
    await port.dnload(firstDataBlock, new Uint8Array(0));
  } catch (error) {
    throw await explainRefusal(port, error, operation);
  }
  try {
    const status = await port.getStatus(farewellTimeoutMs);
    const leaving = status.state === 'dfuMANIFEST' || status.state === 'dfuMANIFEST-SYNC';
    if (!leaving || status.status !== 'OK') throw reportedFailure(status, operation);
  } catch (error) {
    if (!isFarewell(error)) throw error instanceof CanopusError ? error : linkFailure(error, operation);
  }
}

function isFarewell(error: unknown): boolean {
  return (
    isCanopusError(error, 'link/gone') ||
    isCanopusError(error, 'link/io') ||
    isCanopusError(error, 'link/stall') ||
    isCanopusError(error, 'link/timeout')
  );
}
