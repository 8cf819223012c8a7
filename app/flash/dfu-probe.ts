import { CanopusError } from '../errors.ts';
import { findDfuInterfaces } from '../protocols/dfuse/descriptors.ts';
import { parseMemoryLayout } from '../protocols/dfuse/memory-layout.ts';
import { isUsableFlash, rangeAround, segmentAt } from '../protocols/dfuse/sectors.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { describeAlternate, flashAddress } from './dfu-open.ts';

/** What the ROM's descriptors say of the chip. */
export interface DfuProbe {
  /** Of the flash that begins at 0x08000000. */
  readonly flashBytes: number;
  /**
   * Whether option bytes are described at 0x1FFEC000 too, as F42x and F43x parts have them (RM0090, 3.9). Null where
   * none are described, or not to the end.
   */
  readonly hasSecondOptionBytes: boolean | null;
}

const optionBytesAddress = 0x1fffc000;
const secondOptionBytesAddress = 0x1ffec000;

/**
 * Reads the descriptors of a chip in ROM DFU. Claims nothing and changes nothing, not even the state of the ROM.
 * Rejects with `dfu/no-dfu-interface`, `dfu/bad-layout` and as the link does.
 */
export async function probeDfu(link: UsbLink, signal?: AbortSignal): Promise<DfuProbe> {
  const { alternates } = findDfuInterfaces(link.configurationDescriptor);
  if (alternates.length === 0) {
    throw new CanopusError('dfu/no-dfu-interface', `${link.label} has no interface in DFU mode.`, {
      device: link.label,
    });
  }
  let flashBytes: number | null = null;
  let hasSecondOptionBytes: boolean | null = null;
  for (const alternate of alternates) {
    const text = await describeAlternate(link, alternate, signal);
    const layout = text === null ? null : parseMemoryLayout(text);
    if (layout === null) continue;
    if (isUsableFlash(segmentAt(layout, flashAddress)))
      flashBytes ??= rangeAround(layout, flashAddress)?.size ?? null;
    const starts = layout.segments.map(({ startAddress }) => startAddress);
    if (starts.includes(secondOptionBytesAddress)) hasSecondOptionBytes = true;
    else if (starts.includes(optionBytesAddress) && layout.complete) hasSecondOptionBytes ??= false;
  }
  if (flashBytes !== null) return { flashBytes, hasSecondOptionBytes };
  throw new CanopusError('dfu/bad-layout', `${link.label} describes no flash at 0x08000000.`, {
    device: link.label,
  });
}
