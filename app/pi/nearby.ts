import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { safeText } from '../safe-text.ts';

/**
 * Computers that say over multicast DNS (RFC 6762) that they may be a printer's Pi. Moonraker registers a service for each
 * of its instances, named `UNIT @ HOST` (its zeroconf component); images of Klipper distributions have usual host names.
 */
export const nearbyServices = { moonraker: '_moonraker._tcp.local', ssh: '_ssh._tcp.local' } as const;

/** The host names of images for printers, until a person changes them. */
export const usualHosts = [
  'mainsailos.local',
  'fluiddpi.local',
  'klipper.local',
  'voron.local',
  'raspberrypi.local',
] as const;

/** The types of records that matter here; anything else is skipped before it comes here. */
export type NearbyRecord =
  | { readonly type: 'PTR'; readonly name: string; readonly target: string }
  | { readonly type: 'SRV'; readonly name: string; readonly target: string; readonly port: number }
  | { readonly type: 'A'; readonly name: string; readonly address: string };

export interface NearbyQuestion {
  readonly type: 'PTR' | 'SRV' | 'A';
  readonly name: string;
}

export const nearbyPiSchema = z.object({
  /** The host. */
  id: z.string(),
  /** Ends with `.local`, and has nothing but the letters, digits and dashes of a host name. */
  host: z.string(),
  address: z.nullable(z.string()),
  hasMoonraker: z.boolean(),
  /** The printers of that computer, if it has several: the units of their Moonrakers. */
  printers: z.array(z.string()),
});

export type NearbyPi = Plain<z.infer<typeof nearbyPiSchema>>;

const maxHosts = 64;
const maxInstances = 128;
const hostPattern = /^(?!-)[a-z0-9-]{1,63}(?<!-)\.local$/;
const addressPattern = /^\d{1,3}(?:\.\d{1,3}){3}$/;

interface Instance {
  readonly service: keyof typeof nearbyServices;
  host: string | null;
}

/** Collects replies. Whatever sends them is on the same network, and not trusted: names are held to limits. */
export class NearbyPis {
  readonly #instances = new Map<string, Instance>();
  readonly #addresses = new Map<string, string>();

  /** What is asked first, and again from time to time. */
  static readonly questions: readonly NearbyQuestion[] = [
    ...Object.values(nearbyServices).map((name) => ({ type: 'PTR', name }) as const),
    ...usualHosts.map((name) => ({ type: 'A', name }) as const),
  ];

  /** Takes the records of one reply in any order; returns what is still to be asked because of it. */
  take(records: readonly NearbyRecord[]): readonly NearbyQuestion[] {
    for (const record of records) if (record.type === 'PTR') this.#takeService(record);
    for (const record of records) {
      if (record.type === 'SRV') this.#takeInstance(record);
      else if (record.type === 'A') this.#takeAddress(record);
    }
    return [
      ...[...this.#instances].flatMap(([name, { host }]) =>
        host === null ? [{ type: 'SRV', name } as const] : [],
      ),
      ...[...this.#hosts()].flatMap((name) =>
        this.#addresses.has(name) ? [] : [{ type: 'A', name } as const],
      ),
    ];
  }

  /** Those with a Moonraker first, then by name. */
  get all(): readonly NearbyPi[] {
    const hosts = new Set([...this.#hosts(), ...this.#addresses.keys()]);
    const found = [...hosts].slice(0, maxHosts).map((host): NearbyPi => {
      const moonrakers = [...this.#instances].filter(
        ([, instance]) => instance.host === host && instance.service === 'moonraker',
      );
      const names = moonrakers.map(([name]) => printerName(name)).sort();
      return {
        ...{ id: host, host, address: this.#addresses.get(host) ?? null },
        ...{ hasMoonraker: names.length > 0, printers: names.length > 1 ? names : [] },
      };
    });
    return found.sort(
      (a, b) => Number(b.hasMoonraker) - Number(a.hasMoonraker) || (a.host < b.host ? -1 : 1),
    );
  }

  #takeService({ name, target }: Extract<NearbyRecord, { type: 'PTR' }>): void {
    const service = serviceOf(name);
    const key = plain(target);
    if (service === null || serviceOf(key.slice(key.indexOf('._') + 1)) !== service) return;
    if (this.#instances.has(key) || this.#instances.size >= maxInstances) return;
    this.#instances.set(key, { service, host: null });
  }

  #takeInstance({ name, target }: Extract<NearbyRecord, { type: 'SRV' }>): void {
    const instance = this.#instances.get(plain(name));
    const host = plain(target);
    if (instance !== undefined && hostPattern.test(host)) instance.host = host;
  }

  #takeAddress({ name, address }: Extract<NearbyRecord, { type: 'A' }>): void {
    const host = plain(name);
    const isAsked = usualHosts.some((usual) => usual === host) || [...this.#hosts()].includes(host);
    if (isAsked && addressPattern.test(address)) this.#addresses.set(host, address);
  }

  #hosts(): ReadonlySet<string> {
    return new Set([...this.#instances.values()].flatMap(({ host }) => host ?? []));
  }
}

/** As names are compared: without case (RFC 6762, 16) and without the dot at the end. */
function plain(name: string): string {
  return name.slice(0, 255).toLowerCase().replace(/\.$/, '');
}

function serviceOf(name: string): keyof typeof nearbyServices | null {
  const asked = plain(name);
  if (asked === nearbyServices.moonraker) return 'moonraker';
  return asked === nearbyServices.ssh ? 'ssh' : null;
}

/** `moonraker-voron @ host._moonraker._tcp.local` is voron. */
function printerName(instance: string): string {
  const [unit = ''] = instance.slice(0, instance.indexOf('._')).split(' @ ');
  return safeText(unit.replace(/^moonraker[-_](?=.)/, ''), 63);
}
