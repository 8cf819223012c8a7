/** Settings as kconfig takes them: symbol and value. */
export type KconfigSettings = readonly (readonly [symbol: string, value: string])[];

/** A choice of kconfig: the symbol of one value, and what the symbols of all values look like. */
export interface KconfigChoice<T> {
  readonly symbol: (value: T) => string;
  /** Its first group is the value. */
  readonly all: RegExp;
}

/** The pins of the CAN transceiver, RX and TX. */
export interface CanPinSymbols {
  readonly settings: (pins: readonly [string, string]) => KconfigSettings;
  /** What the symbols of all pairs look like; null if pins are numbers and not a choice. */
  readonly all: RegExp | null;
}

/** The symbols by which Klipper and Katapult are configured for a chip. */
export interface KconfigSymbols {
  /** Chooses the family. */
  readonly machine: string;
  readonly mcu: (mcu: string) => string;
  /** USB serial, and USB with CAN of Klipper as a bridge. */
  readonly usb: string;
  readonly bridge: string;
  /** "Do not build" the deployer: Katapult itself goes to the start of flash. */
  readonly noDeployer: string;
  /** By the crystal in Hz; null if there is no choice. */
  readonly clock: KconfigChoice<number> | null;
  /** Where Katapult starts the application, by the offset from the start of flash; null if there is no choice. */
  readonly launch: KconfigChoice<number> | null;
  /** Where Klipper is, by the offset from the start of flash. */
  readonly application: KconfigChoice<number>;
  /** Of a bridge, and of a node on the bus. */
  readonly canPins: Readonly<Record<'bridge' | 'node', CanPinSymbols>>;
}
