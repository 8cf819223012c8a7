import { quoted } from '../quoted.ts';

/** A heater of a printer, in °C. */
export interface Heater {
  readonly name: string;
  readonly temperature: number;
  /** 0: off. */
  readonly target: number;
}

/** At 50 °C Klipper's own default lets the fan of a hot end stop (Config_Reference.md, `heater_temp` of [heater_fan]). */
const coldBelow = 50;
/** More than a printer has; each is a part of an address. */
const maxHeaters = 100;

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** The objects of a printer's heaters, from a query of `heaters` (Status_Reference.md); none if Klipper is not ready. */
export function heaterNames(query: unknown): string[] {
  const listed = object(object(object(query)['status'])['heaters'])['available_heaters'];
  const names = (Array.isArray(listed) ? listed : []).filter(
    // Half a character of UTF-16, which JSON can name, is in no address.
    (name): name is string => typeof name === 'string' && name !== '' && !/\p{Surrogate}/u.test(name),
  );
  return names.slice(0, maxHeaters);
}

/** What a query of these objects says; a heater without a temperature is left out. */
export function parseHeaters(names: readonly string[], query: unknown): Heater[] {
  const status = object(object(query)['status']);
  return names.flatMap((name) => {
    const { temperature, target } = object(status[name]);
    if (typeof temperature !== 'number') return [];
    return [{ name: quoted(name), temperature, target: typeof target === 'number' ? target : 0 }];
  });
}

/** Those that heat, and hot ends that are not cold yet: without Klipper no fan cools them. */
export function hotHeaters(heaters: readonly Heater[]): Heater[] {
  return heaters.filter(
    ({ name, temperature, target }) => target > 0 || (/^extruder\d*$/.test(name) && temperature >= coldBelow),
  );
}

/** Why a printer that may be hot is not written now; null: it is cold. */
export function heatWords(hot: readonly Heater[] | null): string | null {
  if (hot === null) return 'its Moonraker does not say how hot it is';
  const words = hot.map(({ name, temperature, target }) =>
    target > 0 ? `${name} is set to ${target} °C` : `${name} still has ${Math.round(temperature)} °C`,
  );
  return words.length === 0 ? null : words.join('; ');
}
