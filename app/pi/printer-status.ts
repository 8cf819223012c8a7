/** Klippy's own word for how it is (Klipper, Status_Reference.md, webhooks), and `disconnected` for not running. */
export type KlippyState = 'ready' | 'startup' | 'shutdown' | 'error' | 'disconnected';

/** Whether the printer may be disturbed. */
export type PrinterActivity =
  | 'idle'
  | 'printing'
  /** A print that was paused is a print. */
  | 'paused'
  /** No print, but it moves or heats on command. */
  | 'moving';

export interface McuVersion {
  /** `mcu` or `mcu NAME`. */
  readonly section: string;
  readonly version: string | null;
}

export interface PrinterStatus {
  readonly source: 'moonraker' | 'klipper';
  readonly klippy: KlippyState;
  /** Klippy's message in words; null where it gave none. */
  readonly message: string | null;
  readonly activity: PrinterActivity;
  /** The version of the host software. */
  readonly softwareVersion: string | null;
  readonly mcus: readonly McuVersion[];
}

/** What is known about the printer, and why nothing is where nothing is. */
export type PrinterAnswer =
  | { readonly kind: 'status'; readonly status: PrinterStatus }
  /** Klipper does not run, so nothing can be printing. */
  | { readonly kind: 'not-running' }
  | { readonly kind: 'auth-needed' }
  | { readonly kind: 'unreachable' };

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The word as one of Klippy's states; what nobody has heard of is `error`. */
export function klippyState(value: unknown): KlippyState {
  switch (value) {
    case 'ready':
    case 'startup':
    case 'shutdown':
    case 'disconnected':
      return value;
    default:
      return 'error';
  }
}

/**
 * `print_stats.state`, and `idle_timeout.state` for what no print file is behind (Klipper, Status_Reference.md).
 * Only a ready Klippy moves anything.
 */
export function activityOf(klippy: KlippyState, objects: unknown): PrinterActivity {
  if (klippy !== 'ready') return 'idle';
  const all = object(objects);
  const print = object(all['print_stats'])['state'];
  if (print === 'printing') return 'printing';
  if (print === 'paused') return 'paused';
  return object(all['idle_timeout'])['state'] === 'Printing' ? 'moving' : 'idle';
}

/** The micro-controllers among queried objects: `mcu` and `mcu NAME`, with `mcu_version`. */
export function mcuVersions(objects: unknown): McuVersion[] {
  return Object.entries(object(objects)).flatMap(([section, value]) =>
    section === 'mcu' || section.startsWith('mcu ')
      ? [{ section, version: text(object(value)['mcu_version']) }]
      : [],
  );
}

/**
 * Reads the answers of `/printer/info` and `/printer/objects/query` (their `result` members; null where there was
 * none), or the same two answers of Klipper's own socket (API_Server.md: `info`, `objects/query`).
 */
export function parsePrinterStatus(
  source: PrinterStatus['source'],
  info: unknown,
  query: unknown,
): PrinterStatus {
  const told = object(info);
  const klippy = info === null ? 'disconnected' : klippyState(told['state']);
  const objects = object(query)['status'];
  return {
    source,
    klippy,
    message: text(told['state_message']),
    activity: activityOf(klippy, objects),
    softwareVersion: text(told['software_version']),
    mcus: mcuVersions(objects),
  };
}
