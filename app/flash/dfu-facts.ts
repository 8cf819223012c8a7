import { hex32 } from '../hex.ts';
import { flashStart } from '../mcu/stm32-memory.ts';
import type { ChipFacts } from '../chip/chip-facts.ts';
import { possibleRegisters } from '../chip/chip-registers.ts';
import { CanopusError } from '../errors.ts';
import { findDfuInterfaces, type DfuAlternate } from '../protocols/dfuse/descriptors.ts';
import { parseMemoryLayout, type MemoryLayout } from '../protocols/dfuse/memory-layout.ts';
import { isUsableFlash, rangeAround, sectorsCovering, segmentAt } from '../protocols/dfuse/sectors.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { describeAlternate, readString, readStringsAhead } from './dfu-open.ts';
import type { DfuSession } from './dfu-session.ts';
import { readFlashSizeKiB, readUid } from './dfu-uid.ts';

/**
 * Reads the facts in the descriptors of a chip in ROM DFU. Claims nothing and changes nothing, not even the state of
 * the ROM. Throws `dfu/no-dfu-interface`, `dfu/bad-layout` and as the link does.
 */
export async function probeDfu(link: UsbLink, signal?: AbortSignal): Promise<ChipFacts> {
  const { alternates } = findDfuInterfaces(link.configurationDescriptor);
  if (alternates.length === 0) {
    throw new CanopusError('dfu/no-dfu-interface', `${link.label} has no interface in DFU mode.`, {
      device: link.label,
    });
  }
  const memories = await readLayouts(link, alternates, signal);
  const flash = memories.find((layout) => isUsableFlash(segmentAt(layout, flashStart)));
  if (flash === undefined) {
    throw new CanopusError('dfu/bad-layout', `${link.label} describes no flash at ${hex32(flashStart)}.`, {
      device: link.label,
    });
  }
  return { ...describedFacts(flash, memories), serial: await readSerial(link, signal) };
}

/** Like `probeDfu`, for an open chip: its flash is known, so only the rest is read. */
export async function readDescribedFacts(
  link: UsbLink,
  { layout, alternateSetting }: DfuSession,
  signal: AbortSignal | undefined,
): Promise<ChipFacts> {
  const { alternates } = findDfuInterfaces(link.configurationDescriptor);
  const others = alternates.filter((other) => other.alternateSetting !== alternateSetting);
  const serialIndex = link.deviceDescriptor[serialNumberOffset] ?? 0;
  await readStringsAhead(link, [...others.map(({ iInterface }) => iInterface), serialIndex]);
  const memories = await readLayouts(link, others, signal);
  return { ...describedFacts(layout, memories), serial: await readSerial(link, signal) };
}

/**
 * Facts that are in no descriptor and that only some ROMs let be read, from where a chip with these facts has them.
 * Moves the address pointer.
 */
export async function readRegisters(
  session: DfuSession,
  facts: ChipFacts = describedFacts(session.layout, []),
): Promise<Pick<ChipFacts, 'uid' | 'flashSizeKiB'>> {
  for (const registers of possibleRegisters(facts)) {
    const uid = await readUid(session, registers);
    if (uid !== null) return { uid, flashSizeKiB: await readFlashSizeKiB(session, registers) };
  }
  return { uid: null, flashSizeKiB: null };
}

async function readLayouts(
  link: UsbLink,
  alternates: readonly DfuAlternate[],
  signal: AbortSignal | undefined,
): Promise<readonly MemoryLayout[]> {
  const layouts: MemoryLayout[] = [];
  for (const alternate of alternates) {
    const text = await describeAlternate(link, alternate, signal);
    const layout = text === null ? null : parseMemoryLayout(text);
    if (layout !== null) layouts.push(layout);
  }
  return layouts;
}

/** Offset of iSerialNumber in a device descriptor (USB 2.0, 9.6.1). */
const serialNumberOffset = 16;

async function readSerial(link: UsbLink, signal: AbortSignal | undefined): Promise<string | null> {
  return readString(link, link.deviceDescriptor[serialNumberOffset] ?? 0, signal);
}

/** The facts in what a chip describes of its flash and its other memories. */
export function describedFacts(flash: MemoryLayout, memories: readonly MemoryLayout[]): ChipFacts {
  const flashBytes = rangeAround(flash, flashStart)?.size ?? 0;
  const options = memories.find(({ name }) => /option/i.test(name));
  const otp = memories.find(({ name, complete }) => /otp/i.test(name) && complete);
  return {
    sectors: sectorsCovering(flash, flashStart, flashBytes) ?? [],
    flashBytes,
    isWhole: flash.complete,
    optionBytes: options === undefined ? null : optionBytesOf(options),
    otp: otp === undefined ? null : otpOf(otp),
    serial: null,
    uid: null,
    flashSizeKiB: null,
  };
}

/** A description that breaks off does not list all of them; no chip has more than two. */
function optionBytesOf({ segments, complete }: MemoryLayout): readonly number[] | null {
  const starts = segments.map(({ startAddress }) => startAddress);
  return complete || starts.length > 1 ? starts : null;
}

function otpOf(layout: MemoryLayout): ChipFacts['otp'] {
  const address = layout.segments[0]?.startAddress;
  const range = address === undefined ? null : rangeAround(layout, address);
  return range === null ? null : { address: range.startAddress, size: range.size };
}
