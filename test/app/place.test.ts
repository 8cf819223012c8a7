import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withPlaces } from '../../app/earlier-places.ts';
import {
  comparePlaces,
  isPlace,
  isPortPath,
  nodeAt,
  parsePlace,
  piNodePlace,
  piOf,
  piUartPlace,
  placeId,
  type PlaceId,
  placeLabel,
  placeWords,
  type PortPath,
  portPathOf,
  readPlace,
  uartAt,
  usbPlace,
} from '../../app/place.ts';

const uuid = '0e1a2b3c4d5e';
const places: readonly PlaceId[] = [
  'usb:1-4.2',
  `can:1-4.2/${uuid}`,
  'pi:voron/usb:1-1.3',
  `pi:voron/can0/${uuid}`,
];

describe('a place', () => {
  it('says what it is', () => {
    expect(places.map((place) => parsePlace(place))).toEqual([
      { kind: 'usb', portPath: '1-4.2' },
      { kind: 'can', bridge: '1-4.2', canbusUuid: uuid },
      { kind: 'pi-usb', piId: 'voron', portPath: '1-1.3' },
      { kind: 'pi-can', piId: 'voron', interfaceName: 'can0', canbusUuid: uuid },
    ]);
  });

  it('is said in words, and is short in a table', () => {
    expect(places.map(placeWords)).toEqual([
      'USB port 1-4.2',
      `CAN node ${uuid} behind USB port 1-4.2`,
      'USB port 1-1.3 of the Pi voron',
      `CAN node ${uuid} on can0 of the Pi voron`,
    ]);
    expect(places.map(placeLabel)).toEqual(['1-4.2', ...places.slice(1)]);
  });

  it('of a node names it, on either side of the network', () => {
    expect(places.map(nodeAt)).toEqual([
      null,
      { canbusUuid: uuid, interfaceName: null },
      null,
      { canbusUuid: uuid, interfaceName: 'can0' },
    ]);
    expect(piNodePlace('voron', 'can0', uuid)).toBe(places[3]);
  });

  it('of a board on a serial port keeps the capitals of its name', () => {
    const place = piUartPlace('voron', 'ttyAMA0');
    expect(place).toBe('pi:voron/uart:ttyAMA0');
    expect(readPlace(` ${place} `)).toBe(place);
    expect([uartAt(place), piOf(place), placeWords(place)]).toEqual([
      'ttyAMA0',
      'voron',
      'serial port ttyAMA0 of the Pi voron',
    ]);
    for (const name of ['../mem', 'tty1', 'null', 'serial0/x'])
      expect(isPlace(`pi:voron/uart:${name}`)).toBe(false);
  });

  it('is nothing else', () => {
    const others = [
      '',
      '1-4.2',
      'usb:',
      'usb:1',
      'usb:1-4.2 ',
      'usb:1-4.2\n',
      'can:1-4',
      'pi:a',
      'pi:A/usb:1-1',
    ];
    for (const text of [...others, `can:1-4.2/${uuid.toUpperCase()}`, `pi:voron/${uuid}`]) {
      expect(parsePlace(text)).toBeNull();
      expect(placeId.safeParse(text).success).toBe(false);
    }
  });

  it('can be typed as a port', () => {
    expect(readPlace(' 1-4.2 ')).toBe('usb:1-4.2');
    expect(readPlace('USB:1-4.2')).toBe('usb:1-4.2');
    expect(readPlace('1.2')).toBeNull();
  });

  it('that is no USB port of this computer is refused where one is opened', () => {
    expect(portPathOf('usb:1-4.2')).toBe('1-4.2');
    for (const place of places.slice(1)) {
      expect(() => portPathOf(place)).toThrow(
        expect.objectContaining({ code: 'device/unreachable', state: 'untouched' }),
      );
    }
  });

  it('sorts as people count ports', () => {
    const sorted = ['usb:1-10', 'usb:1-2.10', 'usb:1-2', 'usb:1-2.9'] satisfies PlaceId[];
    expect(sorted.toSorted(comparePlaces)).toEqual(['usb:1-2', 'usb:1-2.9', 'usb:1-2.10', 'usb:1-10']);
  });
});

const port = fc
  .array(fc.integer({ min: 1, max: 255 }), { minLength: 2, maxLength: 7 })
  .map(([bus = 1, first = 1, ...rest]) => [`${bus}-${first}`, ...rest].join('.'))
  .filter(isPortPath);

describe('a port path', () => {
  it('is neither a place nor any text: what opens a port takes neither', () => {
    const open = (portPath: PortPath): PortPath => portPath;
    // @ts-expect-error A place has to be converted, and may be none of this computer.
    open(usbPlace('1-1'));
    // @ts-expect-error A text has to be read.
    open(placeLabel('can:1-4.2/0e1a2b3c4d5e'));
    expect(open(portPathOf(usbPlace('1-1')))).toBe('1-1');
    expect(['1-4.2', '200-1', '1', '1-', 'usb:1-1', '1-4.x', ' 1-1'].filter(isPortPath)).toEqual([
      '1-4.2',
      '200-1',
    ]);
  });
});

describe('a record of an earlier version', () => {
  it('names places where it named ports', () => {
    fc.assert(
      fc.property(port, port, (a, b) => {
        const old = { portPath: a, portsBefore: [b], movedTo: null, trouble: { details: { portPath: b } } };
        const now = {
          place: usbPlace(a),
          placesBefore: [usbPlace(b)],
          movedTo: null,
          trouble: { details: { place: usbPlace(b) } },
        };
        expect(withPlaces(old)).toEqual(now);
        // A current one stays unchanged.
        expect(withPlaces(now)).toEqual(now);
      }),
    );
  });

  it('keeps what is empty', () => {
    const old = { portPath: null, portsBefore: null, movedTo: null, text: 'portPath' };
    expect(withPlaces(old)).toEqual({ place: null, placesBefore: null, movedTo: null, text: 'portPath' });
  });
});
