/** A range of a firmware's history whose images cannot work on some chip, whatever their configuration. */
export interface KnownFault {
  readonly firmware: 'katapult' | 'klipper';
  readonly mcus: readonly string[];
  /** The effect, as half a sentence after "from this range". */
  readonly effect: string;
  /** The range for people: the first version with the fault, and the one that fixes it. */
  readonly from: string;
  readonly fixedBy: string;
  /** The first nine digits of every commit of the range, without the fixing one. */
  readonly commits: readonly string[];
  /** How to recognise a configuration of a tree with the fault, whatever its version: symbols that it has and lacks. */
  readonly config: { readonly has: string; readonly lacks: string };
  readonly source: string;
}

/**
 * Klipper 790ff4d8d to before 6aec6efcc, June to August 2022, on STM32F446: the clock of USB is set up for USB serial
 * only, so a bridge never appears on USB. The fixing commit says so, and adds `CONFIG_USB`.
 */
const f446BridgeClock: KnownFault = {
  firmware: 'klipper',
  mcus: ['stm32f446xx'],
  effect: 'a USB to CAN bridge never appears on USB, because its USB clock is not set up',
  from: 'v0.10.0-503-g790ff4d8d',
  fixedBy: 'v0.10.0-547-g6aec6efcc',
  commits:
    `790ff4d8d e952b021e 4404c9863 a8f08b08c 167736ad1 1636a9759 f10fd7c2f a831254e8 be503b2b9 02dd0742c 7b9583391
    a283e0f7d 24a1b50e5 36887ce6f 06022b305 8a038c694 2f9fe49cb 75c4b1238 d91939c4b 50b4d4c43 6be114d72 dd03cca49
    e9c83d66e a151aa8c7 0c74b3d8b 407be177d 282d1113e 3387a9c23 3796a3195 c29e19069 b725d971d 2293e1506 db6346e7e
    48b60a802 18ff84aa0 2d74b3d35 751bff7d3 9e3feab0b 2005d4dbf dc012f865 b026f1d2c 49d83bd3e 18119858c
    a709ba43a`.split(/\s+/),
  // FLASH_START was renamed in v0.11.0-21: a current tree that renames CONFIG_USB is not mistaken for an old one.
  config: { has: 'FLASH_START', lacks: 'USB' },
  source: 'https://github.com/Klipper3d/klipper/issues/5667',
};

/** All known ranges. */
export const knownFaults: readonly KnownFault[] = [f446BridgeClock];

/** What a firmware states about itself. */
interface FirmwareIdentity {
  readonly firmware: string;
  readonly mcu: string | null;
  /** As `git describe --always --tags --long --dirty` prints it, plus anything that follows. */
  readonly version: string | null;
}

export interface FoundFault {
  readonly fault: KnownFault;
  /** False if the sources were changed since that commit: the change may have fixed it. */
  readonly certain: boolean;
}

/** The fault of a version's commit on this chip; null if none is known. */
export function knownFaultOf({ firmware, mcu, version }: FirmwareIdentity): FoundFault | null {
  const [, commit, rest = ''] = /^(?:.*-g)?([0-9a-f]{7,40})(-.*)?$/.exec(version ?? '') ?? [];
  if (commit === undefined || mcu === null) return null;
  const fault = knownFaults.find(
    (each) =>
      each.firmware === firmware &&
      each.mcus.includes(mcu) &&
      each.commits.some((known) => known.startsWith(commit) || commit.startsWith(known)),
  );
  return fault === undefined ? null : { fault, certain: !rest.startsWith('-dirty') };
}

/** The fault that a resolved configuration shows; null if it shows none. */
export function knownFaultOfConfig(
  { firmware, mcu }: Omit<FirmwareIdentity, 'version'>,
  config: ReadonlyMap<string, string>,
): KnownFault | null {
  const shows = ({ config: { has, lacks } }: KnownFault) => config.has(has) && !config.has(lacks);
  const fits = (each: KnownFault) => each.firmware === firmware && mcu !== null && each.mcus.includes(mcu);
  return knownFaults.find((each) => fits(each) && shows(each)) ?? null;
}

/** A fault as a sentence: `Klipper v0.10.0-503-g790ff4d8d to before v0.10.0-547-g6aec6efcc is broken on stm32f446xx: …`. */
export function describeFault({ firmware, mcus, effect, from, fixedBy }: KnownFault): string {
  const name = firmware === 'klipper' ? 'Klipper' : 'Katapult';
  return `${name} from ${from} to before ${fixedBy} is broken on ${mcus.join(', ')}: ${effect}`;
}
