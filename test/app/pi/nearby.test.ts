import { describe, expect, it } from 'vitest';
import { NearbyPis, type NearbyRecord } from '../../../app/pi/nearby.ts';

const moonraker = '_moonraker._tcp.local';
const instance = (unit: string, host = 'mainsailos'): string => `${unit} @ ${host}.${moonraker}`;

/** The records of one Moonraker, as its zeroconf component registers it. */
function service(unit: string, host = 'mainsailos', address = '192.168.1.7'): NearbyRecord[] {
  const name = instance(unit, host);
  return [
    { type: 'PTR', name: moonraker, target: name },
    { type: 'SRV', name, target: `${host}.local`, port: 7125 },
    { type: 'A', name: `${host}.local`, address },
  ];
}

describe('computers on the network that may be a printer’s Pi', () => {
  it('are known by their Moonraker, in whatever order the records come', () => {
    const pis = new NearbyPis();
    expect(pis.take(service('Moonraker').reverse())).toEqual([]);
    expect(pis.all).toEqual([
      ...[{ id: 'mainsailos.local', host: 'mainsailos.local', address: '192.168.1.7' }].map((host) => ({
        ...host,
        ...{ hasMoonraker: true, printers: [] },
      })),
    ]);
  });

  it('are asked for what a reply left out', () => {
    const pis = new NearbyPis();
    const [ptr, srv, a] = service('Moonraker') as [NearbyRecord, NearbyRecord, NearbyRecord];
    expect(pis.take([ptr])).toEqual([{ type: 'SRV', name: instance('Moonraker').toLowerCase() }]);
    expect(pis.all).toEqual([]);
    expect(pis.take([srv])).toEqual([{ type: 'A', name: 'mainsailos.local' }]);
    expect(pis.take([a])).toEqual([]);
    expect(pis.all[0]?.address).toBe('192.168.1.7');
  });

  it('name their printers when there are several', () => {
    const pis = new NearbyPis();
    pis.take([...service('Moonraker-voron'), ...service('Moonraker-ender')]);
    expect(pis.all.map(({ printers }) => printers)).toEqual([['ender', 'voron']]);
  });

  it('are also those with a usual host name or with SSH, after those with a Moonraker', () => {
    const pis = new NearbyPis();
    const ssh = 'build-box._ssh._tcp.local';
    pis.take([
      { type: 'A', name: 'fluiddpi.local', address: '192.168.1.9' },
      { type: 'PTR', name: '_ssh._tcp.local.', target: ssh },
      { type: 'SRV', name: ssh, target: 'Build-Box.local.', port: 22 },
      ...service('Moonraker', 'zero'),
    ]);
    expect(pis.all.map(({ host, hasMoonraker }) => [host, hasMoonraker])).toEqual([
      ['zero.local', true],
      ['build-box.local', false],
      ['fluiddpi.local', false],
    ]);
  });

  it('are not taken from records that name no plain host, or that were not asked for', () => {
    const pis = new NearbyPis();
    const evil = instance('Moonraker', 'evil');
    pis.take([
      { type: 'PTR', name: moonraker, target: evil },
      { type: 'SRV', name: evil, target: '-oProxyCommand=reboot.local', port: 7125 },
      { type: 'SRV', name: evil, target: 'a b.local', port: 7125 },
      { type: 'SRV', name: evil, target: 'example.org', port: 7125 },
      { type: 'PTR', name: '_http._tcp.local', target: 'x._http._tcp.local' },
      { type: 'PTR', name: moonraker, target: 'x._http._tcp.local' },
      { type: 'A', name: 'printer.local', address: '192.168.1.1' },
      { type: 'A', name: 'mainsailos.local', address: 'javascript:alert(1)' },
    ]);
    expect(pis.all).toEqual([]);
  });

  it('stay within limits, and have names that a terminal and a page can show', () => {
    const pis = new NearbyPis();
    pis.take(
      Array.from({ length: 1000 }, (_, index) => service(`Moonraker-\u202e${index}`, `host-${index}`)).flat(),
    );
    expect(pis.all.length).toBeLessThanOrEqual(64);
    const one = new NearbyPis();
    one.take([...service('Moonraker-\u202ea'), ...service('Moonraker-b')]);
    expect(one.all[0]?.printers).toEqual(['\\u{202e}a', 'b']);
  });
});
