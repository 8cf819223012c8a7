import { isPortPath, usbPlace } from './place.ts';

/**
 * A record parsed from a file that may be older than places: turns its port paths into places.
 * One of this version stays unchanged.
 */
export function withPlaces(record: unknown): unknown {
  if (Array.isArray(record)) return record.map(withPlaces);
  if (typeof record !== 'object' || record === null) return record;
  return Object.fromEntries(
    Object.entries(record).map(([name, value]: [string, unknown]) => {
      if (name === 'portPath') return ['place', asPlace(value)];
      if (name === 'portsBefore') return ['placesBefore', Array.isArray(value) ? value.map(asPlace) : value];
      if (name === 'movedTo') return [name, asPlace(value)];
      return [name, withPlaces(value)];
    }),
  );
}

function asPlace(value: unknown): unknown {
  return typeof value === 'string' && isPortPath(value) ? usbPlace(value) : value;
}
