import type { ImageRecord } from '../../app/build/image-record.ts';
import { candidateCrystals } from '../../app/rescue/candidates.ts';
import { twinOrder } from '../../app/rescue/twins.ts';
import type { FirmwareService } from './firmware-service.ts';

/**
 * Builds a Katapult for the other crystals that a board may have, one after the other, so that they are in the cache if
 * a board stays silent. Skipped if the record of the first one does not say how to build it. Throws what builds throw,
 * and `cancelled`.
 */
async function buildCandidates(
  firmware: Pick<FirmwareService, 'build'>,
  katapult: ImageRecord,
  variantsHz: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  const recipe = katapult.build?.recipe;
  if (recipe === undefined) return;
  const { mcu, crystalHz: chosenHz } = recipe;
  for (const crystalHz of candidateCrystals({ mcu, chosenHz, variantsHz })) {
    const order = twinOrder(katapult, crystalHz);
    if (order !== null && crystalHz !== chosenHz) await firmware.build(order, { signal });
  }
}

/** Builds candidates in the background, one after the other, while it is open. */
export class CandidateBuilds implements AsyncDisposable {
  readonly #firmware: Pick<FirmwareService, 'build'>;
  readonly #onFailure: (error: unknown) => void;
  readonly #closing = new AbortController();
  #work: Promise<void> = Promise.resolve();

  /** `onFailure` gets the reason why there are none: nothing waits for them yet, and a search reports it again. */
  constructor(firmware: Pick<FirmwareService, 'build'>, onFailure: (error: unknown) => void) {
    this.#firmware = firmware;
    this.#onFailure = onFailure;
  }

  /** Builds a Katapult for the other crystals, after any earlier work. */
  begin(katapult: ImageRecord, variantsHz: readonly number[]): void {
    const { signal } = this.#closing;
    this.#work = this.#work
      .then(() =>
        signal.aborted ? undefined : buildCandidates(this.#firmware, katapult, variantsHz, signal),
      )
      .catch((error: unknown) => {
        if (!signal.aborted) this.#onFailure(error);
      });
  }

  /** Resolves when everything begun is done, or has failed. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#work;
  }
}
