import type { PlaceId } from '../../app/place.ts';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import type { Board } from '../../app/boards/board.ts';
import type { JobView, PresetView } from '../../app/contract/station-contract.ts';
import { newFlow, type FlowState } from '../../app/flow/flow-state.ts';
import { loadPresets } from '../../main/presets.ts';
import { boardInDfu } from '../fixtures/boards.ts';

export const uid = '430014000A50534E4E313120';

/** The ones that Canopus comes with. */
export const presets: readonly PresetView[] = await loadPresets();

export function presetNamed(name: RegExp): PresetView {
  const found = presets.find((preset) => name.test(preset.name));
  if (found === undefined) throw new Error(`no preset is named ${String(name)}`);
  return found;
}

/** A bridge on port 1-1 that may be opened, by default. */
export function board(changes: Partial<Board> = {}): Board {
  return boardInDfu('usb:1-1', {
    ...{ id: `uid:${uid}`, mode: 'can-bridge', vendorId: 0x1d50, productId: 0x606f, serial: uid, uid },
    ...{ canbusUuid: canbusUuid(uid), mcu: 'stm32f446xx', product: 'stm32f446xx' },
    ...changes,
  });
}

/** A chip in ROM DFU on a port, which has reported nothing of itself. */
export function bareBoard(place: PlaceId, changes: Partial<Board> = {}): Board {
  return boardInDfu(place, { serial: 'FFFFFFFEFFFF', product: 'STM32 BOOTLOADER', ...changes });
}

/** A board is being flashed on port 1-1, by default. */
export function job(changes: Partial<JobView> = {}): JobView {
  return {
    id: 'job-1',
    kind: 'flash-board',
    place: 'usb:1-1',
    presetId: null,
    status: 'running',
    queuedAt: '2026-01-01T12:00:00.000Z',
    startedAt: '2026-01-01T12:00:00.000Z',
    endedAt: null,
    step: 'install-katapult',
    phase: 'write',
    safeToStop: true,
    progress: null,
    ask: null,
    sight: null,
    offer: null,
    search: null,
    uid: null,
    canbusUuid: null,
    canbusUuidSource: null,
    backupId: null,
    error: null,
    build: null,
    piId: null,
    piStep: null,
    proofs: [],
    report: null,
    ...changes,
  };
}

export function flow(changes: Partial<FlowState> = {}): FlowState {
  return { ...newFlow('flow-1', '2026-01-01T12:00:00.000Z', null), ...changes };
}

/** The variant of the Octopus that is sold with an F446, as a flow has it once it was chosen. */
export function chosenOctopus(): NonNullable<FlowState['board']> {
  const preset = presetNamed(/Octopus v1/);
  const variant = preset.variants.find(({ mcu }) => mcu.value === 'stm32f446xx');
  if (variant === undefined) throw new Error('the Octopus has no F446');
  return {
    presetId: preset.id,
    variantId: variant.id,
    name: preset.name,
    mcu: variant.mcu.value,
    crystalHz: variant.crystalHz.value,
    role: 'bridge',
    confirms: [],
  };
}
