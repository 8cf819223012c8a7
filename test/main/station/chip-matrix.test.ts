import { type PlaceId, portPathOf, usbPlace } from '../../../app/place.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCanopusError, type CanopusError } from '../../../app/errors.ts';
import { checkBoardImages } from '../../../main/jobs/board-images.ts';
import { flashBoard } from '../../../main/jobs/flash-board.ts';
import type { ByPart } from '../../../app/image/image-parts.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import type { Board } from '../../../main/sim/board/board.ts';
import { cases, spread } from '../../counts.ts';
import { flashStartOf } from '../../../app/mcu/mcu.ts';
import { isRpMcu } from '../../../app/mcu/rp-boot.ts';
import { flashAgain } from '../../../renderer/features/history/flash-again.ts';
import { allVariants, ChipRig, type Chosen } from './chip-rig.ts';
import { openPis, type PisFixture } from './pis-fixture.ts';

/** The chip in its ROM: what it is, and the KiB of its flash. */
const identities = {
  F446: { mcu: 'stm32f446xx', flashKiB: 512 },
  'F407 of 512 KiB': { mcu: 'stm32f407xx', flashKiB: 512 },
  'F407 of 1 MiB': { mcu: 'stm32f407xx', flashKiB: 1024 },
  'F405 of 1 MiB': { mcu: 'stm32f405xx', flashKiB: 1024 },
  'F429 of 1 MiB': { mcu: 'stm32f429xx', flashKiB: 1024 },
  'F429 of 2 MiB': { mcu: 'stm32f429xx', flashKiB: 2048 },
  'G0B1 of 128 KiB': { mcu: 'stm32g0b1xx', flashKiB: 128 },
  'G0B1 of 512 KiB': { mcu: 'stm32g0b1xx', flashKiB: 512 },
  'H723 of 512 KiB': { mcu: 'stm32h723xx', flashKiB: 512 },
  'H723 of 1 MiB': { mcu: 'stm32h723xx', flashKiB: 1024 },
  H743: { mcu: 'stm32h743xx', flashKiB: 2048 },
  'F072 of 64 KiB': { mcu: 'stm32f072xb', flashKiB: 64 },
  'F072 of 128 KiB': { mcu: 'stm32f072xb', flashKiB: 128 },
  F042: { mcu: 'stm32f042x6', flashKiB: 32 },
  RP2040: { mcu: 'rp2040', flashKiB: 2048 },
  RP2350: { mcu: 'rp2350', flashKiB: 2048 },
} as const satisfies Record<string, Pick<BoardInput, 'mcu' | 'flashKiB'>>;

type Identity = keyof typeof identities;
const names = Object.keys(identities) as Identity[];

/** DS8626, DS9405, DS10693, DS13560, DS13313, DS12110, DS9826 and DS10147, "Ordering information". */
const kibByCode: Readonly<Record<string, number>> = {
  ...{ '6': 32, '8': 64, B: 128, C: 256, E: 512, G: 1024, I: 2048 },
};

/** KiB of flash that a variant's chip may have; empty: any that its MCU is sold with. */
function sizesOf({ markings, flashKiB }: Chosen): readonly number[] {
  const sizes = markings.map((marking) => kibByCode[marking.charAt('STM32F407Z'.length)]);
  const known = sizes.filter((kib) => kib !== undefined);
  if (known.length > 0) return known.length === sizes.length ? known : [];
  return flashKiB === null ? [] : [flashKiB];
}

/**
 * Whether chip and choice agree: the same MCU, or F405 for F407, which cannot be distinguished; and one of the sizes in
 * the markings of the variant, if they have their ordering code, or the one that its preset states.
 *
 * The bench judges by descriptors alone, before it opens a chip: it asks for the marking of a half-size H723, whose ROM
 * describes the whole size.
 */
function agrees(name: Identity, chosen: Chosen, path: string): boolean {
  if (path === 'the bench' && name === 'H723 of 512 KiB' && sizesOf(chosen).length > 0) return false;
  const { mcu, flashKiB } = identities[name];
  const isChip = mcu === chosen.mcu || (mcu === 'stm32f405xx' && chosen.mcu === 'stm32f407xx');
  const sizes = sizesOf(chosen);
  return isChip && (sizes.length === 0 || sizes.includes(flashKiB));
}

/** Not erased anywhere, and no two sectors alike. */
const content = Uint8Array.from({ length: 40 * 1024 }, (_, index) => (index * 31 + (index >> 12)) & 0x7f);

function before(name: Identity): Uint8Array {
  return content.subarray(0, identities[name].flashKiB * 1024);
}

function onTable({ crystalHz, pins }: Chosen): BoardInput[] {
  return names.map((name, index) => ({
    ...{ id: name, ...identities[name], port: `1-${index + 1}`, boot0: true, crystalHz },
    canPins: isRpMcu(identities[name].mcu) ? undefined : [...pins],
    uid: uidOf(name, index),
    flash: [{ address: flashStartOf(identities[name].mcu), bytes: before(name) }],
  }));
}

function uidOf(name: Identity, index: number): string {
  const number = (0x10 + index).toString(16).toUpperCase();
  return isRpMcu(identities[name].mcu) ? `E66141${number}E7452D2F` : `4300${number}000A50534E4E313120`;
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
      state.id === id &&
      (state.stage === 'pi' || (['dfu', 'flash'].includes(state.stage) && state.trouble !== null)),
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
        // One that names its chip is refused before it is opened, and cannot be tried again.
        if (first?.code === 'image/wrong-mcu') return first;
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
    await rig.benchIsOver(names.length);
    return places.map((port) => rig.runner.state.slots.find(({ place }) => place === port)?.trouble ?? null);
  },
};

/** `image/wrong-mcu` is the word of a boot ROM that names its chip. */
const refusals = ['chip/mismatch', 'chip/marking-needed', 'bench/no-recipe', 'image/wrong-mcu'];

function holds(board: Board, address: number, bytes: Uint8Array): boolean {
  return Buffer.compare(board.flash.read(address, bytes.length), bytes) === 0;
}

const variants = await allVariants();
let desk: PisFixture;
beforeAll(async () => {
  desk = await openPis();
});
afterAll(() => desk[Symbol.asyncDispose]());

/** The rest differ in name, crystal and pins only, which a ROM does not show; the long run has all of them. */
const different = [
  ...new Map(
    variants.map((chosen) => [[chosen.mcu, chosen.isNode, ...sizesOf(chosen)].join(' '), chosen]),
  ).values(),
];
const choices = cases(10) === 10 ? variants : different;
/** A flow is one to the station, however it began. */
const sampled = ['a retry of the flow', 'the same again from the history'];

describe.each(Object.entries(paths))('by %s', (path, run) => {
  const possible = choices.filter(({ isNode }) => !isNode || path === 'install-katapult');
  const few = sampled.includes(path) ? spread(possible.length, 4) : possible.keys();
  it.each([...few].flatMap((index) => possible[index] ?? []))(
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
        const [name = 'F446', start] = [names[index], flashStartOf(board.mcu)];
        const isUntouched = board.flash.changes === changes[index] && holds(board, start, before(name));
        const isWritten = holds(board, start, chosen.katapult.bytes);
        return [name, isWritten ? 'written' : isUntouched ? 'untouched' : 'damaged'];
      });
      expect(Object.fromEntries(seen)).toEqual(
        Object.fromEntries(names.map((name) => [name, agrees(name, chosen, path) ? 'written' : 'untouched'])),
      );
      names.forEach((name, index) => {
        if (agrees(name, chosen, path)) return;
        if (path === 'the bench' && isRpMcu(identities[name].mcu)) return;
        const refusal = outcomes[index];
        expect(refusals, `${name}: ${refusal?.code ?? 'none'}`).toContain(refusal?.code);
        expect(refusal?.state).toBe('untouched');
      });
    },
  );
});
