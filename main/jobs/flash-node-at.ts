import { bridgedNode, nodeAt, placeWords, type PlaceId } from '../../app/place.ts';
import { boardMode, chipUid } from '../../app/boards/board-mode.ts';
import { chipNames } from '../../app/boards/chip-identity.ts';
import { CanopusError } from '../../app/errors.ts';
import { flashNode } from '../../app/flash/flash-node.ts';
import { followRun } from '../../app/flash/follow-run.ts';
import { queryNodes, type QueryResult } from '../../app/flash/query-nodes.ts';
import { openGsUsb } from '../../app/protocols/gs-usb/open-gs-usb.ts';
import { modeWords } from '../../app/words.ts';
import type { FlashBoardEvent } from './board-event.ts';
import type { BoardImages } from './board-images.ts';
import type { FlashBoardReport } from './flash-board.ts';
import type { JobServices, OpenBus } from './job-services.ts';
import { untouchedIfRefused } from './untouched.ts';
import { nothingAt, wrongMode } from './wrong-device.ts';

interface FlashNodeOptions {
  /** `can:1-4.2/0e1a2b3c4d5e` or `pi:voron/can0/0e1a2b3c4d5e` */
  readonly place: PlaceId;
  readonly images: BoardImages;
  /** As a record of the bridge has it; null: unknown. */
  readonly busBitrateBps: number | null;
  readonly signal: AbortSignal;
  readonly onEvent: (event: FlashBoardEvent) => void;
}

/** The bus of a bridge that is plugged in here, or a CAN interface of the machine that has the devices. */
export type Bus = { readonly bridge: PlaceId } | { readonly interfaceName: string };

/**
 * Writes Klipper to a node: behind a bridge on a USB port of this computer over the bridge's own USB interface, which on
 * Linux takes can0 from the kernel and gives it back; on a Pi over its can0. Throws what `flashNode` throws, `device/not-found` and
 * `device/wrong-mode` for the bridge, `image/wrong-kind` for an order without an application.
 */
export async function flashNodeAt(
  services: JobServices,
  options: FlashNodeOptions,
): Promise<FlashBoardReport> {
  const { place, images, busBitrateBps, signal, onEvent } = options;
  const { application, board } = images;
  const bus = busOf(place);
  if (bus === null || application === null || images.bootloader !== null) {
    const message = 'Over CAN a node gets Klipper; its Katapult is written over USB.';
    throw new CanopusError('image/wrong-kind', message, { place }, { state: 'untouched' });
  }
  const { canbusUuid } = bus;
  onEvent({ type: 'step', step: 'install-klipper', place });
  const written = await onBus(services, bus, signal, ({ can, bridgeUuid, bitrateBps }) => {
    const { clock } = services;
    const rate = busBitrateBps ?? bitrateBps;
    const order = { canbusUuid, bridgeUuid, clock, signal, image: application, board, busBitrateBps: rate };
    return followRun(flashNode(can, order), onEvent);
  });
  onEvent({ type: 'step', step: 'done', place });
  return {
    ...{ place, canbusUuid, canbusUuidSource: 'confirmed', uid: null, seen: null, crystalHz: null },
    mcu: application.info.mcu,
    written: { bootloader: null, application: written },
    state: 'running-node',
  };
}

function busOf(place: PlaceId): (Bus & { readonly canbusUuid: string }) | null {
  const behind = bridgedNode(place);
  if (behind !== null) return behind;
  const node = nodeAt(place);
  if (node === null || node.interfaceName === null) return null;
  return { interfaceName: node.interfaceName, canbusUuid: node.canbusUuid };
}

/** The nodes without a node id on a bus, its bridge left out; asks once. Throws as `flashNodeAt`. */
export function nodesOn(services: JobServices, bus: Bus, signal: AbortSignal): Promise<QueryResult> {
  return onBus(services, bus, signal, async ({ can, bridgeUuid }) => {
    const found = await queryNodes(can, { clock: services.clock, signal });
    return { ...found, nodes: found.nodes.filter(({ canbusUuid }) => canbusUuid !== bridgeUuid) };
  });
}

/** Does `work` with a bus. Throws as `flashNodeAt`, and as `work`. */
export async function onBus<T>(
  { watch, devices, clock, openBus }: JobServices,
  bus: Bus,
  signal: AbortSignal,
  work: (bus: OpenBus) => Promise<T>,
): Promise<T> {
  if (!('bridge' in bus)) {
    const { interfaceName } = bus;
    if (openBus === undefined) {
      const message = `${interfaceName}: nodes of this computer are reached through their bridge.`;
      throw new CanopusError('device/unreachable', message, {}, { state: 'untouched' });
    }
    const opened = await untouchedIfRefused(openBus(interfaceName));
    await using _can = opened.can;
    return await work(opened);
  }
  const { bridge } = bus;
  const device = watch.at(bridge)?.device ?? null;
  const state = 'untouched';
  if (device === null) throw nothingAt(bridge, { state });
  const mode = boardMode(device);
  if (mode !== 'can-bridge') {
    const message = `On ${placeWords(bridge)}: ${modeWords[mode]}. This needs ${modeWords['can-bridge']}.`;
    throw wrongMode(message, { place: bridge, mode, wanted: 'can-bridge', state });
  }
  await using usb = await untouchedIfRefused(devices.openUsb(device.portPath));
  await using can = await untouchedIfRefused(openGsUsb(usb, { clock, signal }));
  const { canbusUuid: bridgeUuid } = chipNames(chipUid(device));
  return await work({ can, bridgeUuid, named: [], bitrateBps: null });
}
