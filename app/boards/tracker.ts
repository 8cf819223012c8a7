import { chipNames } from './chip-identity.ts';
import { comparePlaces, type PlaceId, usbPlace, type UsbPlaces } from '../place.ts';
import type { Visit } from './visit.ts';
import { CanopusError } from '../errors.ts';
import type { Board } from './board.ts';
import { boardMode, chipUid, deviceMcu, knownUid } from './board-mode.ts';
import { foreignKind } from './foreign-device.ts';
import { presumeEarlier, presumeLater } from './presume.ts';
import { portOf, type UsbDevice, type UsbDeviceEvent } from './usb-device.ts';

/**
 * Follows boards through unplugging, mode changes and ports.
 *
 * - A chip with a known UID is followed by it, across modes and ports.
 * - A device without one (ROM DFU) is only ever "what is on this port since it was plugged in". When it leaves and
 *   something appears on the same port, the two are noted as *presumably* the same, unless something contradicts: a
 *   UID, the ROM's serial number, another device on the port in between, the presumed board seen elsewhere.
 * - A UID that is on two ports at once identifies neither from then on (a clone, or a firmware with a made-up serial).
 *
 * So one id never stands for two boards that could be distinguished in any way. Plain data: survives JSON.
 */
export interface TrackerState {
  /** One per board: the last time it was plugged in, oldest first. */
  readonly visits: readonly Visit[];
  /** UIDs seen on two boards. */
  readonly sharedUids: readonly string[];
  /** How many events there were: the tracker's clock. */
  readonly now: number;
}

/** Bounds the memory of a bench that runs for months: the boards that were unplugged longest ago are forgotten. */
const maxAbsent = 500;
const maxSharedUids = 1000;

export const emptyTracker: TrackerState = { visits: [], sharedUids: [], now: 0 };

/**
 * The state after one event of a computer's buses. Events must come in order; a missing detach or attach is inferred.
 * `placeOf` says which place a port of that computer is: this one if it is left out.
 */
export function track(
  state: TrackerState,
  event: UsbDeviceEvent,
  placeOf: UsbPlaces['placeOf'] = usbPlace,
): TrackerState {
  const next = { ...state, now: state.now + 1 };
  const place = placeOf(portOf(event));
  if (event.type === 'detach') return leave(next, place);
  // Nothing is known about it, not even that it is a supported board.
  if (event.type === 'unreadable') return state;
  const { device } = event;
  const visit = visitAt(next, place);
  return event.type === 'change' && visit !== null && isSameVisit(visit.board, device)
    ? change(next, visit, device)
    : arrive(leave(next, place), device, place);
}

/**
 * A UID read from the chip on a port by other means than its serial number: out of ROM DFU, for example. Throws
 * `uid/invalid`.
 */
export function learnUid(state: TrackerState, place: PlaceId, uid: string): TrackerState {
  const known = knownUid(uid);
  if (known === null) throw new CanopusError('uid/invalid', `"${uid.slice(0, 40)}" is not a chip UID.`);
  const visit = visitAt(state, place);
  if (visit === null || visit.board.uid !== null) return state;
  return speak(without(state, visit), visit, known, earlierOn(state, visit));
}

/** The device on a port, or null. */
export function boardAt(state: TrackerState, place: PlaceId): Board | null {
  return visitAt(state, place)?.board ?? null;
}

/** Every plugged-in device, by port, then the remembered ones, latest first. */
export function listBoards(state: TrackerState): readonly Board[] {
  const present = state.visits.filter((visit) => visit.until === null);
  const absent = state.visits.filter((visit) => visit.until !== null);
  present.sort((a, b) => comparePlaces(a.place, b.place));
  absent.sort((a, b) => (b.until ?? 0) - (a.until ?? 0));
  return [...present, ...absent].map((visit) => visit.board);
}

function arrive(state: TrackerState, device: UsbDevice, place: PlaceId): TrackerState {
  const id = `${place}#${state.now}`;
  const board: Board = {
    ...seen(device, place),
    id,
    uid: null,
    canbusUuid: null,
    presumed: null,
    conflict: false,
  };
  const visit: Visit = { board, place, since: state.now, until: null };
  const before = lastOn(state, place);
  const uid = chipUid(device);
  if (uid !== null) return speak(state, visit, uid, before);
  const presumed = before && presumeEarlier(visit, before);
  const isElsewhere = before !== null && wentElsewhere(state, presumed?.uid ?? null, before);
  return withVisit(state, { ...visit, board: { ...board, presumed: isElsewhere ? null : presumed } });
}

/** Whether the chip with this UID was seen on another port since `before` was there: then it is not the new arrival. */
function wentElsewhere(state: TrackerState, uid: string | null, before: Visit): boolean {
  return state.visits.some(
    (other) =>
      uid !== null &&
      other.board.uid === uid &&
      other.place !== before.place &&
      (other.until === null || other.since > before.since),
  );
}

/** The device on a port leaves. What was there before it matters no longer, unless its UID is known. */
function leave(state: TrackerState, place: PlaceId): TrackerState {
  const leaving = visitAt(state, place);
  if (leaving === null) return state;
  const rest = state.visits.filter((visit) => visit.place !== place || visit.board.uid !== null);
  const visits = rest.filter((visit) => visit !== leaving);
  // A UID that identifies no single board is not worth remembering one for.
  if (leaving.board.conflict) return { ...state, visits };
  return forgetOldest({ ...state, visits: [...visits, gone(leaving, state.now)] });
}

function change(state: TrackerState, visit: Visit, device: UsbDevice): TrackerState {
  const now: Visit = { ...visit, board: { ...visit.board, ...seen(device, visit.place) } };
  const uid = chipUid(device);
  const rest = without(state, visit);
  return uid === null || uid === visit.board.uid
    ? withVisit(rest, now)
    : speak(rest, now, uid, earlierOn(state, visit));
}

/** The chip of a visit (which is not in `state`) has reported its UID; `before` was on the port until then. */
function speak(state: TrackerState, visit: Visit, uid: string, before: Visit | null): TrackerState {
  const namesakes = state.visits.filter((other) => other.board.uid === uid);
  const isShared = state.sharedUids.includes(uid) || namesakes.some((other) => other.until === null);
  if (isShared) return addShared(state, visit, uid);

  const [earlierVisit = null] = namesakes;
  const board: Board = { ...visit.board, id: `uid:${uid}`, ...chipNames(uid), presumed: null };
  const link = before && presumeLater({ ...visit, board }, before, earlierVisit);
  const others = state.visits.filter((other) => other !== earlierVisit);
  const visits = others.map((other) => {
    if (other === before && other.board.uid === null)
      return withPresumed(other, link && { ...link, boardId: board.id });
    // A board that is plugged in elsewhere is not this one.
    return other.until === null && other.board.presumed?.uid === uid ? withPresumed(other, null) : other;
  });
  return withVisit({ ...state, visits }, { ...visit, board: { ...board, presumed: link } });
}

/** One more board with a UID that another has too: it keeps the id of its port, and both are marked. */
function addShared(state: TrackerState, visit: Visit, uid: string): TrackerState {
  const mark = (other: Visit): Visit =>
    other.board.uid === uid ? { ...other, board: { ...other.board, conflict: true, presumed: null } } : other;
  const board: Board = { ...visit.board, ...chipNames(uid) };
  const sharedUids = [...state.sharedUids.filter((other) => other !== uid), uid].slice(-maxSharedUids);
  const visits = [...state.visits, { ...visit, board }].map(mark);
  return { ...state, sharedUids, visits };
}

function seen(
  device: UsbDevice,
  place: PlaceId,
): Omit<Board, 'id' | 'uid' | 'canbusUuid' | 'presumed' | 'conflict'> {
  return {
    place,
    mode: boardMode(device),
    vendorId: device.vendorId,
    productId: device.productId,
    serial: device.serialNumber,
    mcu: deviceMcu(device),
    product: device.product,
    tty: device.tty,
    access: device.access,
    driver: device.driver,
    foreign: foreignKind(device),
  };
}

/** A serial number that changes while the device stays means another device, whatever the events say. */
function isSameVisit(board: Board, device: UsbDevice): boolean {
  const uid = chipUid(device);
  const isSameDevice = board.vendorId === device.vendorId && board.productId === device.productId;
  return isSameDevice && (board.uid === null || uid === null || board.uid === uid);
}

function visitAt(state: TrackerState, place: PlaceId): Visit | null {
  return state.visits.find((visit) => visit.place === place && visit.until === null) ?? null;
}

function lastOn(state: TrackerState, place: PlaceId): Visit | null {
  const left = state.visits.filter((visit) => visit.place === place && visit.until !== null);
  return left.reduce<Visit | null>((last, visit) => (last && last.since > visit.since ? last : visit), null);
}

/** The device that preceded a visit without a UID on its port, as far as it may still be the same board. */
function earlierOn(state: TrackerState, visit: Visit): Visit | null {
  return state.visits.find((other) => other.board.id === visit.board.presumed?.boardId) ?? null;
}

function without(state: TrackerState, visit: Visit): TrackerState {
  return { ...state, visits: state.visits.filter((other) => other !== visit) };
}

function withVisit(state: TrackerState, visit: Visit): TrackerState {
  return { ...state, visits: [...state.visits, visit] };
}

function withPresumed(visit: Visit, presumed: Board['presumed']): Visit {
  return { ...visit, board: { ...visit.board, presumed } };
}

function gone(visit: Visit, now: number): Visit {
  const presumed = visit.board.uid === null ? visit.board.presumed : null;
  return {
    ...visit,
    until: visit.until ?? now,
    board: { ...visit.board, place: null, tty: null, presumed },
  };
}

function forgetOldest(state: TrackerState): TrackerState {
  const absent = state.visits.filter((visit) => visit.until !== null);
  if (absent.length <= maxAbsent) return state;
  const oldest = absent.reduce((first, visit) => ((visit.until ?? 0) < (first.until ?? 0) ? visit : first));
  return without(state, oldest);
}
