import type { NextStepCase } from './error-row.ts';

const doubleTap = 'press reset twice within half a second to start Katapult';
const enterDfu = 'Put the BOOT0 jumper on (or hold the BOOT0 button) and press reset';
const enterRom = `${enterDfu}. On an RP2040 or RP2350 hold BOOT while you plug the board in or press reset`;
const startKatapult = 'take the BOOT0 jumper off and power it off and on';

/** From running Klipper to Katapult. */
const fromKlipper = {
  window: `Choose the board on the bench and set it up: Canopus asks the running Klipper for Katapult. Or ${doubleTap}, then try again.`,
  terminal: `"canopus flash" asks the running Klipper for Katapult and writes the board. Or ${doubleTap}, then repeat the command.`,
};

/** To ROM DFU, from anything that runs. */
const toDfu = {
  window: `${enterDfu}, then try again.`,
  terminal: `${enterDfu}, then repeat the command. "canopus flash" needs no DFU if Katapult is already on the board.`,
};

/** To the ROM, from anything that runs, for a command that writes through either ROM. */
const toRom = {
  window: `${enterRom}. Then try again.`,
  terminal: `${enterRom}. Then repeat the command. "canopus flash" needs no ROM if Katapult is already on the board.`,
};

/**
 * How to bring a board into the mode that a step needs, by the details of `device/wrong-mode`: `wanted`, the
 * mode that it should be in; `mode`, the one that it is in; `asked`, how often it was asked for Katapult in
 * vain.
 */
export const wrongModeCases: readonly NextStepCase[] = [
  {
    when: { foreign: true },
    window: 'Unplug this device, and plug in the board that you want to flash.',
    terminal:
      'Unplug this device, and plug in the board that you want to flash. "canopus boards --watch" shows what appears.',
  },
  {
    when: { wanted: 'katapult', asked: true },
    window: `${upperCase(doubleTap)}, then try again. If Klipper comes back each time, there is no Katapult below it: put the BOOT0 jumper on, press reset, and start from DFU.`,
  },
  { when: { wanted: 'katapult', mode: 'can-bridge' }, ...fromKlipper },
  { when: { wanted: 'katapult', mode: 'klipper-serial' }, ...fromKlipper },
  {
    when: { wanted: 'katapult', mode: 'dfu' },
    window: `If Katapult is on the board, ${startKatapult}, then try again. If it is not, write it first.`,
    terminal: `If Katapult is on the board, ${startKatapult}, then repeat the command. If it is not, "canopus install-katapult" writes it, and "canopus flash" does all of it.`,
  },
  { when: { wanted: 'dfu', mode: 'katapult' }, ...toDfu },
  { when: { wanted: 'dfu', mode: 'can-bridge' }, ...toDfu },
  { when: { wanted: 'dfu', mode: 'klipper-serial' }, ...toDfu },
  { when: { wanted: 'dfu', mode: 'application' }, ...toDfu },
  { when: { wanted: 'dfu or bootsel', mode: 'katapult' }, ...toRom },
  { when: { wanted: 'dfu or bootsel', mode: 'can-bridge' }, ...toRom },
  { when: { wanted: 'dfu or bootsel', mode: 'klipper-serial' }, ...toRom },
  {
    when: { wanted: 'katapult', mode: 'bootsel' },
    window:
      'If Katapult is on the board, unplug it and plug it in again without BOOT. If it is not, write it first.',
    terminal:
      'If Katapult is on the board, unplug it and plug it in again without BOOT. If it is not, "canopus install-katapult" writes it, and "canopus flash" does all of it.',
  },
  {
    when: { wanted: 'can-bridge', mode: 'bootsel' },
    window:
      'What was written did not start. Some flash chips need a Katapult that is built with the flash chip "GENERIC_03": build it so, and write it again.',
  },
  {
    when: { wanted: 'can-bridge', mode: 'katapult' },
    window: 'Press reset once. If the board starts Katapult again, write Klipper again.',
  },
];

function upperCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
