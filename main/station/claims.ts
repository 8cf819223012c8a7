import { CanopusError } from '../../app/errors.ts';
import { occupiedBy, placeWords, type PlaceId } from '../../app/place.ts';
import type { JobList } from '../jobs/job-list.ts';

/**
 * How much its owner wants a place, each more than the one before:
 * - `keeps`: its board is there, written already: the bench leaves it alone.
 * - `waits`: its board is meant there, and a person decides what happens next.
 * - `writes`: it writes, or will without asking.
 */
export const claimStrengths = ['keeps', 'waits', 'writes'] as const;
export type ClaimStrength = (typeof claimStrengths)[number];

export interface Claim {
  readonly place: PlaceId;
  readonly strength: ClaimStrength;
}

/** The first of these has a place that several claim: the bench takes what no flow is at. */
const ownerKinds = ['flow', 'bench'] as const;
export type OwnerKind = (typeof ownerKinds)[number];

/** One owner's part of the table. */
export interface ClaimHolder {
  readonly kind: OwnerKind;
  /** Claims these places and no others. */
  set(claims: readonly Claim[]): void;
  release(): void;
}

const ownerWords = {
  flow: 'a guided flow writes to the board there',
  bench: 'the bench writes to every board that comes there',
  run: 'a run is writing to the board there',
} as const satisfies Record<OwnerKind | 'run', string>;

/** Who has which place, for everything in a station that writes to boards: flows, the bench, restores, clients. */
export class Claims {
  readonly #jobs: Pick<JobList, 'running'>;
  readonly #holders = new Map<ClaimHolder, readonly Claim[]>();
  /** What runs that are about to be queued occupy. */
  readonly #reserved = new Set<PlaceId>();

  constructor(jobs: Pick<JobList, 'running'>) {
    this.#jobs = jobs;
  }

  /** A new owner, which has no place yet. */
  holder(kind: OwnerKind): ClaimHolder {
    const own: ClaimHolder = {
      kind,
      set: (claims) => this.#holders.set(own, claims),
      release: () => this.#holders.delete(own),
    };
    return own;
  }

  /** Places that jobs work on, and those that other owners claim at least so strongly. */
  heldByOthers(own: ClaimHolder, atLeast: ClaimStrength): readonly PlaceId[] {
    const others = [...this.#holders].filter(([holder]) => holder !== own);
    const isHeld = ({ strength }: Claim): boolean =>
      claimStrengths.indexOf(strength) >= claimStrengths.indexOf(atLeast);
    const held = [
      ...this.#jobs.running.flatMap(({ place }) => place ?? []),
      ...others.flatMap(([, claims]) => claims.filter(isHeld).map(({ place }) => place)),
    ];
    return [...new Set(held.flatMap((place) => [place, occupiedBy(place)]))];
  }

  /**
   * Checks that no other owner writes to a place. `own` is null for a person or client who asks for one run. Throws
   * `device/claimed`.
   */
  require(place: PlaceId, own: ClaimHolder | null): void {
    const owner = this.#writerAt(place);
    if (owner !== null && owner !== own) throw claimed(place, owner.kind);
  }

  /**
   * Checks that a run may be queued and keeps the place while `queue` does so: of two clients at once one is refused.
   * Flows and the bench may queue behind other work: they decided with that in sight. Throws `device/claimed`.
   */
  async reserved<T>(place: PlaceId, own: ClaimHolder | null, queue: () => Promise<T>): Promise<T> {
    this.require(place, own);
    if (own !== null) return queue();
    const occupied = occupiedBy(place);
    if (this.#reserved.has(occupied) || this.#isWritten(occupied)) throw claimed(place, 'run');
    this.#reserved.add(occupied);
    try {
      return await queue();
    } finally {
      this.#reserved.delete(occupied);
    }
  }

  #writerAt(place: PlaceId): ClaimHolder | null {
    const writers = [...this.#holders]
      .filter(([, claims]) =>
        claims.some((claim) => occupiedBy(claim.place) === occupiedBy(place) && claim.strength === 'writes'),
      )
      .map(([holder]) => holder);
    return ownerKinds.flatMap((kind) => writers.filter((writer) => writer.kind === kind))[0] ?? null;
  }

  #isWritten(occupied: PlaceId): boolean {
    return this.#jobs.running.some(
      ({ kind, place }) =>
        place !== null && occupiedBy(place) === occupied && (kind === 'flash-board' || kind === 'restore'),
    );
  }
}

function claimed(place: PlaceId, owner: OwnerKind | 'run'): CanopusError {
  const message = `${placeWords(place)} is taken: ${ownerWords[owner]}.`;
  return new CanopusError('device/claimed', message, { place, owner }, { state: 'untouched' });
}
