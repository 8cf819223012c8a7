import { hex32 } from '../hex.ts';
import { flashStart } from '../mcu/stm32-memory.ts';
import { CanopusError, isCanopusError } from '../errors.ts';
import type { DfuAlternate, DfuInterfaces } from '../protocols/dfuse/descriptors.ts';
import { findDfuInterfaces } from '../protocols/dfuse/descriptors.ts';
import type { MemoryLayout } from '../protocols/dfuse/memory-layout.ts';
import { parseMemoryLayout } from '../protocols/dfuse/memory-layout.ts';
import { stringDescriptorSetup } from '../protocols/dfuse/request.ts';
import { isUsableFlash, segmentAt } from '../protocols/dfuse/sectors.ts';
import { decodeStringDescriptor, englishLanguageId } from '../protocols/dfuse/string-descriptor.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { DfuPort, workTimeoutMs } from './dfu-port.ts';
import { recoverToIdle } from './dfu-recover.ts';
import { DfuSession } from './dfu-session.ts';
import { LinkAhead } from './link-ahead.ts';

/** More bytes than a string descriptor can have: the device sends what it has. */
const stringRequestLength = 255;

interface OpenDfuOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

interface FlashAlternate {
  readonly alternate: DfuAlternate;
  readonly layout: MemoryLayout;
}

/**
 * Claims the ROM's DFU interface, finds the alternate setting that describes itself as internal flash, and brings the
 * device to dfuIDLE from whatever state an earlier tool left it in. Erases and writes nothing.
 *
 * Throws `dfu/no-dfu-interface`, `dfu/bad-layout` (no description with writable flash at 0x08000000, or an unreadable
 * part), `dfu/stuck-busy`, `dfu/device-error`, and what the link throws.
 */
export async function openDfu(near: UsbLink, options: OpenDfuOptions): Promise<DfuSession> {
  const { signal } = options;
  const ahead = LinkAhead.of(near);
  const link = ahead ?? near;
  const clock = ahead?.clock(options.clock) ?? options.clock;
  const interfaces = findDfuInterfaces(link.configurationDescriptor);
  const [first] = interfaces.alternates;
  if (!first) {
    throw new CanopusError('dfu/no-dfu-interface', `${link.label} has no interface in DFU mode.`, {
      device: link.label,
    });
  }
  if (interfaces.functional?.bitCanUpload === false) {
    throw new CanopusError(
      'dfu/bad-layout',
      `${link.label} does not let its memory be read, so nothing written could be proven.`,
      { device: link.label },
    );
  }
  await link.claimInterface(first.interfaceNumber);
  const { alternate, layout } = await findFlash(link, interfaces, signal);
  await link.setAltSetting(alternate.interfaceNumber, alternate.alternateSetting);
  const port = new DfuPort(link, alternate.interfaceNumber);
  const { fresh } = await recoverToIdle(port, { clock, signal });
  // The address pointer of a fresh ROM is the beginning of flash (AN2662, 4.4.1).
  const pointer = fresh ? flashStart : null;
  const { transferSize } = interfaces;
  const { alternateSetting } = alternate;
  return new DfuSession(port, clock, { layout, alternateSetting, transferSize, pointer, ahead });
}

/** The internal flash is alternate setting 0 on every part so far, so its string is read first. */
async function findFlash(
  link: UsbLink,
  interfaces: DfuInterfaces,
  signal: AbortSignal | undefined,
): Promise<FlashAlternate> {
  const seen: string[] = [];
  for (const alternate of interfaces.alternates) {
    const text = await describeAlternate(link, alternate, signal);
    if (text === null) continue;
    const layout = parseMemoryLayout(text);
    if (layout && isUsableFlash(segmentAt(layout, flashStart))) return { alternate, layout };
    // For people: without characters that are not text.
    seen.push(text.replace(/[^\x20-\x7e]/g, '?'));
  }
  throw new CanopusError(
    'dfu/bad-layout',
    `None of the ${interfaces.alternates.length} memories that ${link.label} describes is flash at ${hex32(flashStart)}.`,
    { device: link.label, memories: seen },
  );
}

/** The string that names a memory; null if the device refuses or sends something else: another setting may work. */
export function describeAlternate(
  link: UsbLink,
  { iInterface }: DfuAlternate,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  return readString(link, iInterface, signal);
}

/** Reads strings that are asked for next, in this order, in one round trip if the link is far away. */
export async function readStringsAhead(link: UsbLink, indices: readonly number[]): Promise<void> {
  if (!(link instanceof LinkAhead)) return;
  const list = indices
    .filter((index) => index !== 0)
    .map((index) => ({
      setup: stringDescriptorSetup(index, englishLanguageId),
      ...{ data: null, length: stringRequestLength, timeoutMs: workTimeoutMs },
    }));
  await link.doAhead(list);
}

/** A string as the device sends it; null for index 0, and if it refuses or sends something else. */
export async function readString(
  link: UsbLink,
  index: number,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  if (index === 0) return null;
  const setup = stringDescriptorSetup(index, englishLanguageId);
  try {
    // A ROM that still works for an earlier tool does not reply meanwhile, not even to this.
    const options = { timeoutMs: workTimeoutMs, signal };
    return decodeStringDescriptor(await link.controlIn(setup, stringRequestLength, options));
  } catch (error) {
    if (isCanopusError(error, 'link/stall') || isCanopusError(error, 'link/io')) return null;
    throw error;
  }
}
