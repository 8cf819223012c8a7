export type ImageKind = 'katapult' | 'klipper' | 'deployer' | 'unknown';

/** What a firmware image states about itself. Fields are null if the image does not state them. */
export interface ImageInfo {
  /** `deployer`: Katapult's self-installing wrapper. `unknown`: a vector table, but no known firmware. */
  readonly kind: ImageKind;
  /** Klipper's and Katapult's name of it: `stm32f446xx`. */
  readonly mcu: string | null;
  /** Where the image's first byte belongs in flash. */
  readonly applicationAddress: number | null;
  /** Katapult and its deployer only: the application address that Katapult starts. */
  readonly launchAddress: number | null;
  readonly initialStackPointer: number;
  readonly resetVector: number;
  readonly version: string | null;
  /** Whether the firmware talks over USB. */
  readonly usb: boolean | null;
  readonly can: CanRole | null;
  /** The CPU clock. */
  readonly clockHz: number | null;
  /** The crystal that the image's clock set-up expects, if it can be read. */
  readonly crystalHz: number | null;
  /** What is missing, in words, if the file is truncated or damaged. */
  readonly truncation: string | null;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Klipper's embedded data dictionary, parsed. */
  readonly dictionary: Readonly<Record<string, unknown>> | null;
}

export interface CanRole {
  readonly role: 'bridge' | 'node' | 'none';
  /** RX, TX as Klipper spells them: `['PD0', 'PD1']`. */
  readonly pins: readonly [string, string] | null;
  /**
   * A node's dictionary states it. For a bridge it comes from the bit timing constant in the code; null if that cannot
   * be read.
   */
  readonly bitrateBps: number | null;
}

/** Everything except the hash: what a virtual board needs to know about its flash. */
export type ImageDescription = Omit<ImageInfo, 'sha256'>;
