import { needsTty, type BoardMode } from '../boards/board-mode.ts';

/**
 * What a USB port shows while a board that was written and started should appear:
 * - `left-usb`: it left the bus unasked: power off, or a reset.
 * - `dfu-again`: the ROM bootloader started. On STM32F4 that is the BOOT0 jumper, still on.
 * - `unreadable`: a device cannot be enumerated: seen if the operating system reports it. A firmware for another
 *   crystal does this, and so does a bad cable.
 * - `silent`: nothing at all for `quietMs`.
 * - `no-serial-port`: the device is there but its serial port is not, for `quietMs`.
 */
export const sights = ['left-usb', 'dfu-again', 'unreadable', 'silent', 'no-serial-port'] as const;
export type Sight = (typeof sights)[number];

/** A silence this long is worth a message: boards enumerate within 2 s, behind slow hubs within 8 s. */
export const quietMs = 20_000;

/** The device on the port; null if there is none. `arrival` differs for one that came back. */
export interface PortLook {
  readonly mode: BoardMode;
  readonly arrival: number;
  readonly hasTty: boolean;
}

export type SightEvent =
  | { readonly type: 'port'; readonly look: PortLook | null }
  | { readonly type: 'unreadable' }
  /** Nothing happened on the port for `quietMs`. */
  | { readonly type: 'quiet' };

export interface SightState {
  readonly look: PortLook | null;
  /** It was asked to restart: leaving the bus once is expected. */
  readonly isRestarting: boolean;
  /** The last message: it is not repeated while nothing else happens. */
  readonly said: Sight | null;
}

interface SightStep {
  readonly state: SightState;
  /** The message to show now; null if there is nothing new. */
  readonly sight: Sight | null;
}

/** The state when a board is started after a write. */
export function afterStart(look: PortLook | null): SightState {
  return { look, isRestarting: true, said: null };
}

/** The state after one event on the port, and the resulting message. */
export function sightAfter(state: SightState, event: SightEvent): SightStep {
  switch (event.type) {
    case 'port':
      return lookAt(state, event.look);
    case 'unreadable':
      return say({ ...state, isRestarting: false }, 'unreadable');
    case 'quiet':
      return beQuiet(state);
  }
}

/** True while nothing happens that could end a wait: silence counts then. */
export function isQuiet({ look }: SightState): boolean {
  return look === null || (needsTty(look.mode) && !look.hasTty);
}

function lookAt(state: SightState, look: PortLook | null): SightStep {
  const before = state.look;
  const now: SightState = { ...state, look };
  if (look === null) {
    if (before === null) return { state: now, sight: null };
    return state.isRestarting
      ? { state: { ...now, isRestarting: false }, sight: null }
      : say(now, 'left-usb');
  }
  if (look.arrival === before?.arrival) return { state: now, sight: null };
  const arrived: SightState = { ...now, isRestarting: false };
  return look.mode === 'dfu' ? say(arrived, 'dfu-again') : { state: { ...arrived, said: null }, sight: null };
}

function beQuiet(state: SightState): SightStep {
  if (!isQuiet(state)) return { state, sight: null };
  if (state.look !== null) return say(state, 'no-serial-port');
  // An attempt to enumerate says more than the silence after it.
  return state.said === 'unreadable' ? { state, sight: null } : say(state, 'silent');
}

function say(state: SightState, sight: Sight): SightStep {
  return state.said === sight ? { state, sight: null } : { state: { ...state, said: sight }, sight };
}
