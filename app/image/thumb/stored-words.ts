import { allRegisters, constant, lostInCall, register, type Instruction, type Store } from './instruction.ts';
import { calculate, Registers } from './registers.ts';
import { findLostRegisters } from './lost-registers.ts';
import { walk } from './walk.ts';

/** As many as the largest flash of an STM32F4 holds. */
const mostHalfwords = 1 << 20;
/** Firmware writes a clock register once or twice. */
const mostStores = 16;
/**
 * The values that Thumb code stores in the word at `address`, in the order of the code; null for an unknown one.
 * `halves` is an image, or flash from the image on.
 *
 * The code is read once from start to end and no loop is run, so the time is bounded by the size alone. Register values
 * are known if they come from literals and immediates, through moves and arithmetic. They are unknown again at every
 * branch target (of a short loop, only those that it changes), behind a jump, in data, and after an instruction that is not decoded; so is the result of a
 * conditional instruction. So a returned value is the one that the processor stores there; a store to an address that
 * cannot be followed this way is not seen.
 */
export function findStoredWords(halves: Uint16Array, address: number): readonly (number | null)[] {
  const code = halves.subarray(0, mostHalfwords);
  const lost = findLostRegisters(code);
  if (!lost) return [null];
  const follower = new Follower(code, address);
  walk(code, (instruction, at, bytes) => {
    const index = at >>> 1;
    follower.forget(bytes === 4 && lost[index + 1] ? allRegisters : (lost[index] ?? 0));
    if (instruction) follower.follow(instruction);
    else follower.forgetAll();
    return follower.stored.length < mostStores;
  });
  // The part that was not read may store yet another value.
  return follower.stored.length < mostStores ? follower.stored : [...follower.stored, null];
}

class Follower {
  readonly stored: (number | null)[] = [];
  readonly #code: Uint16Array;
  readonly #address: number;
  readonly #registers = new Registers();
  #conditional = 0;

  constructor(code: Uint16Array, address: number) {
    this.#code = code;
    this.#address = address;
  }

  /** One bit for each register. */
  forget(registers: number): void {
    this.#registers.forget(registers);
  }

  forgetAll(): void {
    this.forget(allRegisters);
  }

  follow(instruction: Instruction): void {
    const isCertain = this.#conditional === 0;
    if (!isCertain) this.#conditional--;
    switch (instruction.does) {
      case 'nothing':
        return;
      case 'compute': {
        const { to, operation, left, right } = instruction;
        const value = calculate(operation, this.#registers.read(left), this.#registers.read(right));
        this.#registers.set(to, isCertain ? value : null);
        return;
      }
      case 'load-literal':
        this.#registers.set(instruction.to, isCertain ? this.#readWord(instruction.at) : null);
        return;
      case 'change':
        this.#registers.forget(instruction.registers);
        return;
      case 'store':
        this.#store(instruction, isCertain);
        return;
      case 'call':
        this.#registers.forget(lostInCall);
        return;
      case 'jump':
        if (isCertain && !instruction.isConditional) this.forgetAll();
        return;
      case 'make-conditional':
        this.#conditional = instruction.count;
        return;
      case 'unknown':
        this.forgetAll();
    }
  }

  #store({ base, offset, registers, bytes, baseChange }: Store, isCertain: boolean): void {
    const baseValue = this.#registers.read(register(base));
    const start = calculate('add', baseValue, this.#registers.read(offset));
    if (start !== null) {
      registers.forEach((number, position) => {
        const at = start + position * bytes;
        if (at + bytes <= this.#address || at >= this.#address + 4) return;
        const isWhole = isCertain && at === this.#address && bytes === 4;
        this.stored.push(isWhole ? this.#registers.read(register(number)) : null);
      });
    }
    if (baseChange === 0) return;
    const changed = calculate('add', baseValue, this.#registers.read(constant(baseChange)));
    this.#registers.set(base, isCertain ? changed : null);
  }

  #readWord(at: number): number | null {
    const low = this.#code[at >>> 1];
    const high = this.#code[(at >>> 1) + 1];
    return at < 0 || low === undefined || high === undefined ? null : ((high << 16) | low) >>> 0;
  }
}
