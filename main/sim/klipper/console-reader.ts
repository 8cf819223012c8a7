import { BlockReader, syncByte, type MessageBlock } from '../../../app/protocols/klipper/message-block.ts';

const leastBytes = 5;
const mostBytes = 64;

/**
 * How the firmware finds blocks (facts: src/command.c, `command_find_block`): what does not begin like one is dropped up to
 * the next sync byte, with a good block that it swallowed, and is complained of once, until a good one came.
 */
export class ConsoleReader {
  #bytes = new Uint8Array(0);
  #needsSync = false;
  #hasComplained = false;

  push(chunk: Uint8Array): (MessageBlock | 'damaged')[] {
    const found: (MessageBlock | 'damaged')[] = [];
    this.#bytes = Uint8Array.from([...this.#bytes, ...chunk]);
    while (this.#bytes.length > 0) {
      if (this.#needsSync) {
        this.#skip(found);
        continue;
      }
      if (this.#bytes.length < leastBytes) break;
      const length = this.#bytes[0] ?? 0;
      const isHeader = length >= leastBytes && length <= mostBytes && ((this.#bytes[1] ?? 0) & 0xf0) === 0x10;
      if (isHeader && this.#bytes.length < length) break;
      const [block] = isHeader ? new BlockReader().push(this.#bytes.subarray(0, length)) : [];
      if (block?.content.length === length - leastBytes) {
        this.#bytes = this.#bytes.slice(length);
        this.#hasComplained = false;
        found.push(block);
      } else if (length === syncByte) this.#bytes = this.#bytes.slice(1);
      else this.#needsSync = true;
    }
    return found;
  }

  #skip(found: (MessageBlock | 'damaged')[]): void {
    const at = this.#bytes.indexOf(syncByte);
    this.#needsSync = at < 0;
    this.#bytes = at < 0 ? new Uint8Array(0) : this.#bytes.slice(at + 1);
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    found.push('damaged');
  }
}
