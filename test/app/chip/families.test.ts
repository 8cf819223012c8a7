import { describe, expect, it } from 'vitest';
import type { ChipFacts } from '../../../app/chip/chip-facts.ts';
import { notesOn } from '../../../app/chip/chip-notes.ts';
import { possibleRegisters } from '../../../app/chip/chip-registers.ts';
import { isErasedWhole } from '../../../app/chip/erased-whole.ts';
import { fittingMcus } from '../../../app/chip/judge-mcu.ts';
import { isProgrammedOnce } from '../../../app/chip/programmed-once.ts';
import { describedFacts } from '../../../app/flash/dfu-facts.ts';
import { flashSizesKiB, mcuFacts, mcuNames, type McuName } from '../../../app/mcu/mcu.ts';
import { parseMemoryLayout } from '../../../app/protocols/dfuse/memory-layout.ts';
import { romSerial, romStrings } from '../../../main/sim/rom-dfu/rom-strings.ts';
import { cases } from '../../counts.ts';
import { Random } from '../../fixtures/random.ts';

const uid = Uint8Array.from(Buffer.from('2B0007000C50425539393020', 'hex'));
const inDfu = mcuNames.filter((mcu) => mcuFacts[mcu].romDfu !== null);

/** What a chip shows in DFU, from the names of its memories on. */
function facts(memories: readonly string[], serial: string | null): ChipFacts | null {
  const layouts = memories.map(parseMemoryLayout).filter((layout) => layout !== null);
  const flash = layouts.find(({ segments }) => segments[0]?.startAddress === 0x08000000);
  return flash === undefined ? null : { ...describedFacts(flash, layouts), serial };
}

function factsOf(mcu: McuName, flashKiB: number): ChipFacts {
  const found = facts(romStrings(mcu, flashKiB, uid).memories, romSerial(mcu, uid));
  if (found === null) throw new Error(`an ${mcu} describes no flash`);
  return found;
}

const chips = inDfu.flatMap((mcu) => flashSizesKiB(mcu).map((flashKiB) => ({ mcu, flashKiB })));

describe.each(chips)('an $mcu of $flashKiB KiB in DFU', ({ mcu, flashKiB }) => {
  it('fits no image for another family', () => {
    const others = fittingMcus(factsOf(mcu, flashKiB)).filter((other) => other !== mcu);
    const family = mcu.slice(0, 'stm32f4'.length);
    // Which of them it is, the truth of the image and the marking decide.
    expect(others.filter((other) => !other.startsWith('stm32f4') || family !== 'stm32f4')).toEqual([]);
    expect(fittingMcus(factsOf(mcu, flashKiB))).toContain(mcu);
  });

  it('is asked for its registers where it has them, and written as it must be', () => {
    const { uidAddress, flashSizeAddress, programming, katapultNeedsBlankSectors } = mcuFacts[mcu];
    const found = factsOf(mcu, flashKiB);
    expect(possibleRegisters(found)).toEqual([{ uidAddress, flashSizeAddress }]);
    expect(isProgrammedOnce(found)).toBe(programming.once);
    expect(isErasedWhole(found)).toBe(katapultNeedsBlankSectors);
  });
});

it('says of a G0B1 that a power cycle may be needed, and of no other', () => {
  for (const mcu of inDfu) {
    const [flashKiB = 0] = flashSizesKiB(mcu);
    const notes = notesOn(factsOf(mcu, flashKiB), { mcu, variants: [], offers: [], marking: null });
    expect(notes.some((note) => note.includes('power it off and on'))).toBe(mcu === 'stm32g0b1xx');
  }
});

it('judges damaged descriptions of every family without a crash, and by what they state', () => {
  const random = new Random(20261130);
  const letters = '@/0x,*KMBgefd 0123456789abcdefABCDEF\0\u00ff';
  const roms = chips.map(({ mcu, flashKiB }) => ({
    names: romStrings(mcu, flashKiB, uid).memories,
    serial: romSerial(mcu, uid),
  }));
  for (let count = 0; count < cases(100_000); count++) {
    const { names, serial } = random.pick(roms);
    const memories = names.map((name) => {
      const text = name.split('');
      for (let damage = random.below(4); damage > 0; damage--) {
        const at = random.below(text.length);
        const letter = letters[random.below(letters.length)] ?? '';
        if (random.below(3) === 0) text.splice(at, 1 + random.below(3));
        else text.splice(at, random.below(2), letter);
      }
      return text.join('');
    });
    const found = facts(memories, serial);
    if (found === null) continue;
    const total = found.sectors.reduce((sum, { size }) => sum + size, 0);
    expect(total === found.flashBytes || found.sectors.length === 0).toBe(true);
    // The judgement takes longer than the reading.
    if (count % 16 > 0) continue;
    for (const fitting of fittingMcus(found)) expect(inDfu).toContain(fitting);
  }
});
