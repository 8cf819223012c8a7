import type { Preset } from './preset-schema.ts';

/**
 * Said before a node is written over CAN: how it is reached if the write is cut short and half an application starts. Null:
 * it is unknown which board it is.
 */
export function wayBackText(preset: Preset | null): string {
  const cut = 'If the write is cut short and the node stays silent';
  if (preset?.resetButton?.value === true)
    return `${cut}: press its reset button twice within half a second to start Katapult.`;
  const hasUsbWay = preset !== null && preset.romEntry.value !== null;
  const known =
    preset === null ? 'whether it has a reset button is unknown here' : 'no source states a reset button';
  return hasUsbWay
    ? `${cut}: ${known}; the other way back is a USB cable and its ROM bootloader.`
    : `${cut}: ${known}. With one, two presses start Katapult; without, it is reached over USB only.`;
}
