import { findDictionary, isRecord } from '../image/dictionary.ts';
import { encodeCommand, parseNumbers } from '../protocols/klipper/command.ts';
import { controllerStates, type ControllerErrors } from './examination.ts';

/** What an examination uses of a node's data dictionary. */
export interface NodeFirmware {
  readonly version: string | null;
  /** Content of the command; null: this firmware has none. */
  readonly reset: Uint8Array | null;
  readonly status: { readonly command: Uint8Array; readonly responseId: number } | null;
}

/** The counters of a node's controller since its start. */
export type ControllerCounters = Omit<ControllerErrors, 'state'> & { readonly state: number };

const statusFormat = 'canbus_status rx_error=%u tx_error=%u tx_retries=%u canbus_bus_state=%u';

/** From the packed dictionary, as the node sends it; null if it is not whole. */
export function readFirmware(packed: Uint8Array): NodeFirmware | null {
  const search = findDictionary(packed);
  if (search.found !== 'whole') return null;
  const { version, commands, responses } = search.dictionary;
  const reset = idIn(commands, 'reset');
  const ask = idIn(commands, 'get_canbus_status');
  const responseId = idIn(responses, statusFormat);
  return {
    version: typeof version === 'string' ? version : null,
    reset: reset === null ? null : encodeCommand(reset),
    status: ask === null || responseId === null ? null : { command: encodeCommand(ask), responseId },
  };
}

function idIn(messages: unknown, format: string): number | null {
  const id = isRecord(messages) && Object.hasOwn(messages, format) ? messages[format] : null;
  return typeof id === 'number' && Number.isInteger(id) ? id : null;
}

/** Null for content that is another message. */
export function parseStatus(content: Uint8Array, responseId: number): ControllerCounters | null {
  const numbers = parseNumbers(content, responseId, 4);
  if (numbers === null) return null;
  const [rxErrors = 0, txErrors = 0, txRetries = 0, state = 0] = numbers;
  return { rxErrors, txErrors, txRetries, state };
}

/** What was counted between two looks; the counters have 32 bits and begin again at 0. */
export function errorsBetween(before: ControllerCounters, after: ControllerCounters): ControllerErrors {
  const counted = (key: 'rxErrors' | 'txErrors' | 'txRetries'): number => (after[key] - before[key]) >>> 0;
  return {
    rxErrors: counted('rxErrors'),
    txErrors: counted('txErrors'),
    txRetries: counted('txRetries'),
    state: controllerStates[after.state] ?? null,
  };
}
