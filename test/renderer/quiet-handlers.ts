import type { TableEvent } from '../../app/contract/live-table.ts';
import { stationContract, type StationHandlers } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import { defaultSettings } from '../../app/settings/settings.ts';
import { presets } from './samples.ts';

type Handler = (input: never, context: { signal: AbortSignal }) => unknown;

/** A watch that sends these events and then stays open. */
export async function* told<V>(
  events: readonly TableEvent<V>[],
  signal: AbortSignal,
): AsyncGenerator<TableEvent<V>, void, void> {
  yield* events;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** A value that is sent at once and then never changes. */
export async function* first<V>(value: V, signal: AbortSignal): AsyncGenerator<V> {
  yield value;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** What every window asks for first. */
const introduction: Partial<StationHandlers> = {
  'app.info': () =>
    Promise.resolve({
      version: '1.2.3',
      host: 'headless',
      platform: 'linux',
      features: [],
      simulated: false,
    }),
  'presets.list': () => Promise.resolve(presets),
  'settings.watch': (_, { signal }) => first(defaultSettings, signal),
};

/** Everything that is not scripted: a call is refused by name, a watch stays open and sends nothing. */
export function quietHandlers(scripted: Partial<StationHandlers>): StationHandlers {
  const rest = Object.entries(stationContract).map(([name, { kind }]): [string, Handler] => [
    name,
    kind === 'call'
      ? () => Promise.reject(new CanopusError('contract/unknown-name', `${name} is not scripted.`))
      : (_: unknown, { signal }: { signal: AbortSignal }) => told([], signal),
  ]);
  return { ...Object.fromEntries(rest), ...introduction, ...scripted } as StationHandlers;
}
