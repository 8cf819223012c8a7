import { flashStartOf, isMcuName, maxFlashKiB } from '../mcu/mcu.ts';
import { hasKnownSectors, sectorOf, type FlashSector } from '../mcu/stm32-katapult.ts';
import type { Erase } from './run-progress.ts';

/** The places of a run's images; null if a run has no such image, or it does not state its place. */
export interface ImagePlaces {
  readonly mcu: string | null;
  readonly bootloader: { readonly size: number; readonly launchAddress: number | null } | null;
  readonly application: { readonly size: number; readonly applicationAddress: number | null } | null;
}

/** How often a run erased a sector. */
export interface SectorErases extends FlashSector {
  readonly times: number;
}

/** STM32F4 data sheets, "Flash memory endurance": 10,000 cycles per sector over the whole temperature range. */
export const enduranceCycles = 10_000;

/**
 * The sectors that a run erased, ascending: for a bootloader those of the image and the first one of the application, for
 * an application those of the image, and those that a restore names. Includes sectors that a bootloader skips because
 * they are blank already; excludes its own repetitions. Empty for an image if the sectors of this MCU are unknown.
 */
export function erasedSectors(erases: readonly Erase[], places: ImagePlaces): readonly SectorErases[] {
  const isKnown = places.mcu !== null && hasKnownSectors(places.mcu);
  const counts = new Map<number, SectorErases>();
  for (const sector of erases.flatMap((erase) =>
    isNamed(erase) || isKnown ? sectorsOf(erase, places) : [],
  )) {
    const times = (counts.get(sector.start)?.times ?? 0) + 1;
    counts.set(sector.start, { ...sector, times });
  }
  return [...counts.values()].sort((a, b) => a.start - b.start);
}

function isNamed(erase: Erase): erase is Exclude<Erase, string> {
  return typeof erase !== 'string';
}

function sectorsOf(erase: Erase, places: ImagePlaces): FlashSector[] {
  if (isNamed(erase)) return erase.map(({ address, size }) => ({ start: address, size }));
  if (erase === 'chip') return wholeChip(places.mcu);
  return erase === 'bootloader' ? ofBootloader(places) : ofApplication(places);
}

function ofBootloader({ bootloader, mcu }: ImagePlaces): FlashSector[] {
  if (bootloader === null) return [];
  const sectors = covering(flashStartOf(mcu), bootloader.size);
  const { launchAddress } = bootloader;
  if (launchAddress === null || sectors.some(({ start }) => start === launchAddress)) return sectors;
  return [...sectors, sectorOf(launchAddress)];
}

function ofApplication({ application }: ImagePlaces): FlashSector[] {
  return application?.applicationAddress ? covering(application.applicationAddress, application.size) : [];
}

function wholeChip(mcu: string | null): FlashSector[] {
  return mcu !== null && isMcuName(mcu) ? covering(flashStartOf(mcu), maxFlashKiB(mcu) * 1024) : [];
}

function covering(address: number, length: number): FlashSector[] {
  const sectors: FlashSector[] = [];
  for (let at = address; at < address + length;) {
    const sector = sectorOf(at);
    sectors.push(sector);
    at = sector.start + sector.size;
  }
  return sectors;
}
