import type { Duplex } from 'node:stream';
import { CanopusError } from '../../app/errors.ts';
import { heaterNames, parseHeaters, type Heater } from '../../app/pi/heaters.ts';
import type { MoonrakerKey } from '../../app/pi/moonraker-key.ts';
import { parsePrinterStatus, type PrinterStatus } from '../../app/pi/printer-status.ts';
import { quoted } from '../../app/quoted.ts';
import { httpOver, type HttpAnswer } from './http-over.ts';

/** Connects to Moonraker's port, as the Pi itself would; each request takes one connection. */
export type ConnectMoonraker = () => Promise<Duplex>;

interface MoonrakerOptions {
  readonly connect: ConnectMoonraker;
  /** For messages and the Host header. */
  readonly host: string;
  /** Sent as X-Api-Key if it is needed. */
  readonly key: MoonrakerKey;
}

const answerMs = 5_000;
/** Klipper takes its time to restart, and Moonraker replies only after that. */
const restartMs = 20_000;
/** More than a printer has; each is a part of an address. */
const maxMcus = 100;
const queried = 'print_stats=state&idle_timeout=state&webhooks';

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/**
 * The few requests of Moonraker's API that this station needs (Moonraker's documentation, "Printer Administration" and
 * "Server Administration"). They throw `pi/moonraker-unreachable`, `pi/moonraker-auth`, `pi/moonraker-answer`.
 */
export class MoonrakerClient {
  readonly #options: MoonrakerOptions;

  constructor(options: MoonrakerOptions) {
    this.#options = options;
  }

  /** The state of Klippy and the printer's activity, with every micro-controller's version if Klippy is ready. */
  async status(signal?: AbortSignal): Promise<PrinterStatus> {
    const [info, query] = await Promise.all([
      this.#result('GET', '/printer/info', answerMs, signal),
      this.#result('GET', `/printer/objects/query?${queried}`, answerMs, signal),
    ]);
    const status = parsePrinterStatus('moonraker', info, query);
    if (status.klippy === 'ready' && query === null) {
      const { host } = this.#options;
      const message = `Moonraker at ${host} says that Klipper is ready, but not what it does`;
      throw new CanopusError('pi/moonraker-answer', message, { path: '/printer/objects/query' });
    }
    return status;
  }

  /** The micro-controllers that Klipper talks to: the objects called `mcu`, with what they report about themselves. */
  async mcus(signal?: AbortSignal): Promise<PrinterStatus['mcus']> {
    const list = object(await this.#result('GET', '/printer/objects/list', answerMs, signal))['objects'];
    const names = (Array.isArray(list) ? list : []).filter(
      // Half a character of UTF-16, which JSON can name, is in no address.
      (name): name is string =>
        typeof name === 'string' && /^mcu( |$)/.test(name) && !/\p{Surrogate}/u.test(name),
    );
    if (names.length === 0) return [];
    const query = names
      .slice(0, maxMcus)
      .map((name) => `${encodeURIComponent(name)}=mcu_version,mcu_constants`)
      .join('&');
    const told = await this.#result('GET', `/printer/objects/query?${query}`, answerMs, signal);
    return parsePrinterStatus('moonraker', {}, told).mcus;
  }

  /** The heaters that Klipper drives, with their temperatures. */
  async heaters(signal?: AbortSignal): Promise<Heater[]> {
    const listed = await this.#result(
      'GET',
      '/printer/objects/query?heaters=available_heaters',
      answerMs,
      signal,
    );
    const names = heaterNames(listed);
    if (names.length === 0) return [];
    const query = names.map((name) => `${encodeURIComponent(name)}=temperature,target`).join('&');
    return parseHeaters(
      names,
      await this.#result('GET', `/printer/objects/query?${query}`, answerMs, signal),
    );
  }

  /** Makes Klipper read its configuration again and reset every micro-controller. */
  async firmwareRestart(signal?: AbortSignal): Promise<void> {
    await this.#result('POST', '/printer/firmware_restart', restartMs, signal);
  }

  /** The `result` of a reply; null if Klippy is not connected to Moonraker, which is not our failure. */
  async #result(
    method: 'GET' | 'POST',
    path: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { connect, host, key } = this.#options;
    for (let shown = key.current; ;) {
      const headers = shown === null ? {} : { 'X-Api-Key': shown };
      const answer = await httpOver(await connect(), host, { method, path, headers, timeoutMs, signal });
      if (answer.status >= 200 && answer.status < 300) {
        const { result } = object(answer.json);
        if (result === undefined) throw foreign(host, path);
        return result;
      }
      if (answer.status === 503 && method === 'GET') return null;
      if (answer.status !== 401 && answer.status !== 403) throw refusal(host, path, answer);
      const other = await key.insteadOf(shown);
      if (other === null) throw keyMissing(host, path, shown);
      shown = other;
    }
  }
}

function keyMissing(host: string, path: string, shown: string | null): CanopusError {
  const why = shown === null ? 'without an API key' : 'with that API key';
  return new CanopusError('pi/moonraker-auth', `Moonraker at ${host} refused ${path} ${why}`, { path });
}

/** Success without a result: another program listens there, or replies in place of Moonraker. */
function foreign(host: string, path: string): CanopusError {
  return new CanopusError(
    'pi/moonraker-answer',
    `the server at ${host} that handles ${path} is not Moonraker`,
    {
      path,
    },
  );
}

function refusal(host: string, path: string, { status, json }: HttpAnswer): CanopusError {
  const said = object(object(json)['error'])['message'];
  const words = typeof said === 'string' ? `: ${quoted(said, 300)}` : '';
  return new CanopusError(
    'pi/moonraker-answer',
    `Moonraker at ${host} replied to ${path} with ${status}${words}`,
    {
      path,
      status,
    },
  );
}
