/**
 * The replies of Moonraker, and of the Klipper behind it, to the few requests that this station makes. Shapes follow
 * Moonraker's documentation ("Printer Administration", "Server Administration") and Klipper's Status_Reference.md;
 * nothing else of them is here.
 */
export interface MoonrakerState {
  klippy: 'ready' | 'startup' | 'shutdown' | 'error' | 'disconnected';
  message: string;
  print: 'standby' | 'printing' | 'paused' | 'complete' | 'cancelled' | 'error';
  idle: 'Idle' | 'Ready' | 'Printing';
  softwareVersion: string;
  /** Object name, `mcu` or `mcu NAME`, to the version its firmware reports. */
  mcus: ReadonlyMap<string, string>;
  /** Name, `extruder` or `heater_bed`, to °C; none by default. */
  heaters: ReadonlyMap<string, { readonly temperature: number; readonly target: number }>;
  /** If set, requests without this key are refused. */
  apiKey: string | null;
}

const readyMoonraker: MoonrakerState = {
  klippy: 'ready',
  message: 'Printer is ready',
  print: 'standby',
  idle: 'Ready',
  softwareVersion: 'v0.13.0-100-gabcdef12',
  mcus: new Map(),
  heaters: new Map(),
  apiKey: null,
};

interface StandInAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class MoonrakerStandIn {
  /** Called after each change of the state. */
  onState: () => void = () => undefined;
  #state: MoonrakerState;
  /** Every request so far, as `GET /printer/info`. */
  readonly requests: string[] = [];
  readonly #onRestart: (standIn: MoonrakerStandIn, how: 'restart' | 'firmware_restart') => void;

  constructor(
    state: Partial<MoonrakerState> = {},
    onRestart: (standIn: MoonrakerStandIn, how: 'restart' | 'firmware_restart') => void = () => undefined,
  ) {
    this.#state = { ...readyMoonraker, ...state };
    this.#onRestart = onRestart;
  }

  get state(): MoonrakerState {
    return this.#state;
  }

  set state(state: MoonrakerState) {
    this.#state = state;
    this.onState();
  }

  answer(method: string, path: string, apiKey: string | null): StandInAnswer {
    const url = new URL(path, 'http://moonraker');
    this.requests.push(`${method} ${url.pathname}`);
    const { state } = this;
    if (state.apiKey !== null && apiKey !== state.apiKey) return refusal(401, 'Unauthorized');
    if (url.pathname === '/server/info') {
      const connected = state.klippy !== 'disconnected';
      return { status: 200, body: { result: { klippy_connected: connected, klippy_state: state.klippy } } };
    }
    if (!url.pathname.startsWith('/printer/')) return refusal(404, 'Not Found');
    if (state.klippy === 'disconnected') return refusal(503, 'Klippy Host not connected');
    switch (`${method} ${url.pathname}`) {
      case 'GET /printer/info':
        return {
          status: 200,
          body: {
            result: {
              state: state.klippy,
              state_message: state.message,
              software_version: state.softwareVersion,
              hostname: 'canopus-pi',
            },
          },
        };
      case 'GET /printer/objects/list':
        return { status: 200, body: { result: { objects: Object.keys(this.#objects()) } } };
      case 'GET /printer/objects/query': {
        const all: Readonly<Record<string, unknown>> = this.#objects();
        const status = Object.fromEntries(
          [...url.searchParams.keys()].flatMap((name) => (name in all ? [[name, all[name]]] : [])),
        );
        return { status: 200, body: { result: { eventtime: 1, status } } };
      }
      case 'POST /printer/restart':
      case 'POST /printer/firmware_restart':
        this.#onRestart(this, url.pathname === '/printer/restart' ? 'restart' : 'firmware_restart');
        return { status: 200, body: { result: 'ok' } };
      default:
        return refusal(404, 'Not Found');
    }
  }

  #objects(): Readonly<Record<string, unknown>> {
    const { klippy, message, print, idle, mcus, heaters } = this.state;
    const webhooks = { state: klippy, state_message: message };
    if (klippy !== 'ready') return { webhooks };
    const versions = [...mcus].map(([name, version]) => [name, { mcu_version: version }] as const);
    return {
      webhooks,
      print_stats: { state: print },
      idle_timeout: { state: idle },
      ...Object.fromEntries(versions),
      heaters: { available_heaters: [...heaters.keys()] },
      ...Object.fromEntries(heaters),
    };
  }
}

function refusal(status: number, message: string): StandInAnswer {
  return { status, body: { error: { code: status, message } } };
}
