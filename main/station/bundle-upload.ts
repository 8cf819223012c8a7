import { CanopusError } from '../../app/errors.ts';

/** An incoming bundle, piece by piece. */
export class BundleUpload {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the piece at offset `at`; 0 forgets earlier pieces. Throws `cache/bad-bundle` for a gap, or too much. */
  put(at: number, piece: Uint8Array): void {
    if (at === 0) this.#forget();
    if (at !== this.#bytes) throw this.#refuse(`a piece at ${at} does not follow ${this.#bytes} bytes`);
    if (at + piece.length > this.#maxBytes) throw this.#refuse(`it has more than ${this.#maxBytes} bytes`);
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** All bytes so far, which are then forgotten. */
  take(): Uint8Array {
    const whole = Buffer.concat(this.#pieces);
    this.#forget();
    return whole;
  }

  #refuse(why: string): CanopusError {
    this.#forget();
    return new CanopusError('cache/bad-bundle', `The bundle was not imported: ${why}.`, { why });
  }

  #forget(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
