import type { Board } from '../boards/board.ts';
import type { BoardMode } from '../boards/board-mode.ts';
import type { PlaceId } from '../place.ts';
import type { HandSight } from './hand-steps.ts';

/**
 * What USB has shown since a flow began to wait for its board in DFU:
 * - `nothing`: no board that could be it.
 * - `running`: one runs Klipper, and can be asked for its bootloader.
 * - `off`: one left USB.
 * - `started-klipper`: it came back and runs Klipper: BOOT0 was not high when it started.
 * - `started-other`: a device of a chip maker appeared that is no bootloader: another firmware started.
 */
export const entrySights = ['nothing', 'running', 'off', 'started-klipper', 'started-other'] as const;
export type EntrySight = (typeof entrySights)[number];

type Seen = Pick<Board, 'place' | 'mode' | 'vendorId' | 'foreign'>;

interface Port {
  readonly place: PlaceId;
  readonly mode: BoardMode;
  readonly isOther: boolean;
}

/** Plain data: what was there at the last look, and what it means. */
export interface EntryWatch {
  readonly ports: readonly Port[];
  readonly sight: EntrySight;
  /** Where it was seen; null for `nothing`. */
  readonly place: PlaceId | null;
}

/**
 * Vendors under which firmware other than Klipper shows on these boards: STMicroelectronics' virtual COM port, which
 * Marlin uses through STM32duino, and LeafLabs'.
 */
const otherFirmwareVendors: readonly number[] = [0x0483, 0x1eaf];

/** Which ports a flow may be waiting for. */
interface EntryPorts {
  /** The port of the flow; null while it may be any. */
  readonly place: PlaceId | null;
  /** Ports of other flows. */
  readonly held: readonly PlaceId[];
}

/** The first look. */
export function beginEntryWatch(boards: readonly Seen[], ports: EntryPorts): EntryWatch {
  const now = portsOf(boards, ports);
  const [only] = now.filter(runsKlipper);
  // With several of them nothing says which one is meant.
  return only !== undefined && now.filter(runsKlipper).length === 1
    ? { ports: now, sight: 'running', place: only.place }
    : { ports: now, sight: 'nothing', place: null };
}

/** The next look. A board in a bootloader is not the concern of this watch: the flow takes it, or asks. */
export function entryWatchAfter(watch: EntryWatch, boards: readonly Seen[], ports: EntryPorts): EntryWatch {
  const now = portsOf(boards, ports);
  const left = watch.ports.find(({ place }) => !now.some((port) => port.place === place));
  const arrived = now.find(({ place }) => !watch.ports.some((port) => port.place === place));
  if (arrived !== undefined) {
    if (runsKlipper(arrived)) {
      const sight = watch.sight === 'nothing' ? 'running' : 'started-klipper';
      return { ports: now, sight, place: arrived.place };
    }
    if (arrived.isOther) return { ports: now, sight: 'started-other', place: arrived.place };
  }
  if (left !== undefined) return { ports: now, sight: 'off', place: left.place };
  return { ...watch, ports: now };
}

/** What the sight means for the steps of a preset. */
export function handSightOf(sight: EntrySight): HandSight {
  if (sight === 'started-klipper' || sight === 'started-other') return 'wrong';
  return sight === 'running' ? 'here' : sight;
}

function portsOf(boards: readonly Seen[], { place: own, held }: EntryPorts): readonly Port[] {
  return boards.flatMap(({ place, mode, vendorId, foreign }): Port[] => {
    if (place === null || held.includes(place) || (own !== null && place !== own)) return [];
    const isOther = mode === 'unknown' && foreign === null && otherFirmwareVendors.includes(vendorId);
    return mode === 'unknown' && !isOther ? [] : [{ place, mode, isOther }];
  });
}

function runsKlipper({ mode }: Port): boolean {
  return mode === 'can-bridge' || mode === 'klipper-serial';
}
