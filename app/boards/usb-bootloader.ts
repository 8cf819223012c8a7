import { CanopusError } from '../errors.ts';
import { isMcuName, mcuFacts } from '../mcu/mcu.ts';
import { isRpMcu } from '../mcu/rp-boot.ts';
import { usualRole, type BoardRole } from './board-role.ts';

/**
 * Throws `preset/no-usb-bootloader` for a node whose chip has no bootloader of its own on USB: its first Katapult comes
 * in another way. A bridge with such a chip is refused by its build already.
 */
export function requireUsbBootloader(
  preset: {
    readonly id: string;
    readonly name: string;
    readonly roles: { readonly value: readonly BoardRole[] };
  },
  mcu: string,
): void {
  if (usualRole(preset) !== 'node' || !isMcuName(mcu)) return;
  const { romDfu, label } = mcuFacts[mcu];
  if (romDfu !== null || isRpMcu(mcu)) return;
  const message = `The ${label} on the ${preset.name} has no bootloader for USB: its first Katapult comes in by ST-Link or UART.`;
  throw new CanopusError(
    'preset/no-usb-bootloader',
    message,
    { preset: preset.id, mcu },
    { state: 'untouched' },
  );
}
