import { type PlaceId, portPathOf, usbPlace } from '../../../app/place.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCanopusError, type CanopusError } from '../../../app/errors.ts';
import { checkBoardImages } from '../../../main/jobs/board-images.ts';
import { flashBoard } from '../../../main/jobs/flash-board.ts';
import type { ByPart } from '../../../app/image/image-parts.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import type { Board } from '../../../main/sim/board/board.ts';
import { flashAgain } from '../../../renderer/features/history/flash-again.ts';
import { allVariants, ChipRig, type Chosen } from './chip-rig.ts';
import { openPis, type PisFixture } from './pis-fixture.ts';

/** The board in DFU: what it is, and the KiB of flash that it reports. */
const identities = {
  F446: { mcu: 'stm32f446xx', flashKiB: 512 },
  'F407 of 512 KiB': { mcu: 'stm32f407xx', flashKiB: 512 },
  'F407 of 1 MiB': { mcu: 'stm32f407xx', flashKiB: 1024 },
  'F405 of 1 MiB': { mcu: 'stm32f405xx', flashKiB: 1024 },
  'F429 of 1 MiB': { mcu: 'stm32f429xx', flashKiB: 1024 },
  'F429 of 2 MiB': { mcu: 'stm32f429xx', flashKiB: 2048 },
  G0B1: foreign('@Internal Flash   /0x08000000/64*02Kg'),
  H723: foreign('@Internal Flash   /0x08000000/8*128Kg', '@Option Bytes   /0x5200201C/01*88 e'),
} as const satisfies Record<string, Pick<BoardInput, 'mcu' | 'flashKiB' | 'rom'>>;

type Identity = keyof typeof identities;
const names = Object.keys(identities) as Identity[];

function foreign(...memories: string[]) {
  return { mcu: 'stm32f407xx', flashKiB: 1024, rom: { memories } } as const;
}

/** DS8626, DS9405 and DS10693, "Ordering information". */
const kibByCode: Readonly<Record<string, number>> = { C: 256, E: 512, G: 1024, I: 2048 };

/**
 * Whether chip and choice agree: the same MCU, or F405 for F407, which cannot be distinguished; and one of the sizes in
 * the markings of the variant, if they have their ordering code.
 */
function agrees(name: Identity, { mcu, markings }: Chosen): boolean {
  const identity = identities[name];
  if ('rom' in identity) return false;
  const isChip = identity.mcu === mcu || (identity.mcu === 'stm32f405xx' && mcu === 'stm32f407xx');
  const sizes = markings.map((marking) => kibByCode[marking.charAt('STM32F407Z'.length)]);
  return isChip && (sizes.includes(undefined) || sizes.includes(identity.flashKiB));
}

/** Not erased anywhere, and no two sectors alike. */
const before = Uint8Array.from({ length: 40 * 1024 }, (_, index) => (index * 31 + (index >> 12)) & 0x7f);

function onTable({ crystalHz, pins }: Chosen): BoardInput[] {
  return names.map((name, index) => ({
    ...{ id: name, ...identities[name], port: `1-${index + 1}`, boot0: true, crystalHz, canPins: [...pins] },
    uid: `4300${(0x10 + index).toString(16)}000A50534E4E313120`,
    flash: [{ address: 0x08000000, bytes: before }],
  }));
}

interface Refusal {
  readonly code: CanopusError['code'];
  readonly state: CanopusError['state'];
}

/** Tries to write to the board on a port, until it is written or refused; null if it was written. */
type Path = (
  rig: ChipRig,
  chosen: Chosen,
  places: readonly PlaceId[],
) => Promise<readonly (Refusal | null)[]>;

const refusalOf = (error: unknown): Refusal => {
  const { code, state } = toCanopusError(error);
  return { code, state };
};
const each =
  (one: (rig: ChipRig, chosen: Chosen, place: PlaceId) => Promise<unknown>): Path =>
  (rig, chosen, places) =>
    Promise.all(places.map((place) => one(rig, chosen, place).then(() => null, refusalOf)));
const onEvent = (): undefined => undefined;

/** Ends as the flow does: with the board in the Pi's hands, or with trouble. */
async function followFlow(rig: ChipRig, id: string): Promise<Refusal | null> {
  const flow = await rig.flowStates.until(
    (state) =>
      state.id === id && (state.stage === 'pi' || (state.stage === 'flash' && state.trouble !== null)),
  );
  return flow.trouble;
}

function startFlow(
  rig: ChipRig,
  { presetId, variantId }: Chosen,
  place: PlaceId,
  images: ByPart<string>,
): string {
  const { id } = rig.flows.start(place);
  rig.flows.choose({ id, choice: { type: 'choose-board', board: { presetId, variantId } } });
  rig.flows.choose({ id, choice: { type: 'choose-images', images } });
  rig.flows.choose({ id, choice: { type: 'confirm' } });
  return id;
}

const paths: Readonly<Record<string, Path>> = {
  'install-katapult': each((rig, { katapult: bootloader, board }, place) =>
    flashBoard(rig.services, { place, images: { bootloader, application: null, board }, onEvent }),
  ),
  flash: each((rig, { katapult: bootloader, klipper: application, board }, place) => {
    const images = checkBoardImages({ bootloader, application }, board);
    return flashBoard(rig.services, { place, images, personTimeoutMs: 0, onEvent });
  }),
  'the guided flow': async (rig, chosen, places) => {
    const images = await rig.keysOf(chosen);
    return Promise.all(places.map((port) => followFlow(rig, startFlow(rig, chosen, port, images))));
  },
  'a retry of the flow': async (rig, chosen, places) => {
    const images = await rig.keysOf(chosen);
    return Promise.all(
      places.map(async (port) => {
        // One that would be written fails before that, at the first reply that it waits for.
        rig.bench.boardAt(portPathOf(port))?.arm({ kind: 'lost-answer', mode: 'dfu', nth: 1, only: 1 });
        const id = startFlow(rig, chosen, port, images);
        const first = await followFlow(rig, id);
        expect(first).not.toBeNull();
        rig.flows.choose({ id, choice: { type: 'retry' } });
        await rig.flowStates.until((state) => state.id === id && state.trouble !== first);
        return followFlow(rig, id);
      }),
    );
  },
  'the same again from the history': async (rig, chosen, places) => {
    const { presetId, variantId } = chosen;
    const reflash = { images: await rig.keysOf(chosen) };
    return Promise.all(
      places.map(async (port) => {
        const id = (await flashAgain(rig.client, { presetId, variantId, reflash }, port)) ?? '';
        rig.flows.choose({ id, choice: { type: 'confirm' } });
        return followFlow(rig, id);
      }),
    );
  },
  'the bench': async (rig, chosen, places) => {
    const { presetId, variantId } = chosen;
    const images = await rig.keysOf(chosen);
    await rig.runner.arm({
      board: { presetId, variantId },
      images,
      modes: ['dfu'],
      target: null,
      confirmed: true,
    });
    await rig.benchIsOver(places.length);
    return places.map((port) => rig.runner.state.slots.find(({ place }) => place === port)?.trouble ?? null);
  },
};

const refusals = ['chip/mismatch', 'chip/marking-needed', 'bench/no-recipe'];

function holds(board: Board, address: number, bytes: Uint8Array): boolean {
  return Buffer.compare(board.flash.read(address, bytes.length), bytes) === 0;
}

const variants = await allVariants();
let desk: PisFixture;
beforeAll(async () => {
  desk = await openPis();
});
afterAll(() => desk[Symbol.asyncDispose]());

describe.each(Object.entries(paths))('by %s', (_, run) => {
  it.each(variants)(
    '$reference is written where the chip agrees, and nothing else is touched',
    async (chosen) => {
      const boards = onTable(chosen);
      await using rig = await ChipRig.open(boards, desk.desk);
      const changes = rig.bench.boards.map(({ flash }) => flash.changes);
      const outcomes = await run(
        rig,
        chosen,
        rig.bench.boards.map(({ port }) => usbPlace(port)),
      );
      const seen = rig.bench.boards.map((board, index) => {
        const isUntouched = board.flash.changes === changes[index] && holds(board, 0x08000000, before);
        const isWritten = holds(board, 0x08000000, chosen.katapult.bytes);
        return [board.id, isWritten ? 'written' : isUntouched ? 'untouched' : 'damaged'];
      });
      expect(Object.fromEntries(seen)).toEqual(
        Object.fromEntries(names.map((name) => [name, agrees(name, chosen) ? 'written' : 'untouched'])),
      );
      names.forEach((name, index) => {
        if (agrees(name, chosen)) return;
        const refusal = outcomes[index];
        expect(refusals, `${name}: ${refusal?.code ?? 'none'}`).toContain(refusal?.code);
        expect(refusal?.state).toBe('untouched');
      });
    },
  );
});
