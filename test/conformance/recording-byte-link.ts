import { FrameReader } from '../../app/protocols/katapult/frame-reader.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';

/** A ByteLink that remembers what was written to it. */
export class RecordingByteLink implements ByteLink {
  readonly label: string;
  readonly writes: Uint8Array[] = [];
  readonly #link: ByteLink;

  constructor(link: ByteLink) {
    this.label = link.label;
    this.#link = link;
  }

  /** Codes of all frames that were written, in order. */
  get sentCommands(): readonly number[] {
    return this.writes.flatMap((bytes) =>
      new FrameReader().push(bytes).flatMap((event) => (event.type === 'frame' ? [event.frame.code] : [])),
    );
  }

  /** Whether every single write was nothing but whole, good frames. */
  get onlyWholeFrames(): boolean {
    return this.writes.every((bytes) => {
      const reader = new FrameReader();
      const events = [...reader.push(bytes), ...reader.flush()];
      const frameBytes = events.map((event) =>
        event.type === 'frame' ? event.frame.payload.length + 8 : Infinity,
      );
      return frameBytes.reduce((sum, length) => sum + length, 0) === bytes.length;
    });
  }

  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    this.writes.push(bytes.slice());
    return this.#link.write(bytes, signal);
  }

  read(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<Uint8Array> {
    return this.#link.read(options);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
