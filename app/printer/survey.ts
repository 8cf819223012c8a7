import {
  isPortPath,
  isUartName,
  nodePlace,
  piNodePlace,
  piUartPlace,
  piUsbPlace,
  usbPlace,
  type PlaceId,
} from '../place.ts';
import type { ConfigMcu } from '../pi/config-mcus.ts';
import type { McuVersion } from '../pi/printer-status.ts';
import type { KeptImage, PrinterMcu } from './printer-mcu.ts';

/** Where a printer's boards are: on its Pi, or, on a virtual bench, also on the same ports of this computer. */
export interface SurveyedPi {
  readonly piId: string;
  readonly isVirtual: boolean;
}

/** What a station knows of an MCU, from its history or a person. */
export interface McuKnowledge {
  readonly mcu: string | null;
  readonly preset: PrinterMcu['preset'];
  /** The image that it wrote there last, where it still has it. */
  readonly former: KeptImage | null;
}

interface McuReport {
  /** Null: Klipper does not talk to it. */
  readonly reported: McuVersion | null;
  readonly known: McuKnowledge;
  readonly hostVersion: string | null;
  /** Of its CAN interface. */
  readonly busBitrateBps: number | null;
}

export const nothingKnown: McuKnowledge = { mcu: null, preset: null, former: null };

/** An MCU of printer.cfg with what it reports, what is known of it and what Klipper it should run. */
export function surveyMcu(
  found: ConfigMcu,
  pi: SurveyedPi,
  { reported, known, hostVersion, busBitrateBps }: McuReport,
): PrinterMcu {
  const version = reported?.version ?? null;
  const { role, reach, place } = whereIs(found, pi);
  const isSame = known.former !== null && (version === null || known.former.version === version);
  const draft = {
    ...{ name: found.section, mcu: known.mcu, role, reach, place, preset: known.preset },
    canbusUuid: found.kind === 'can' ? found.canbusUuid : null,
    interfaceName: found.kind === 'can' ? found.interfaceName : null,
    bitrateBps: reported?.canbusFrequencyBps ?? (found.kind === 'can' ? busBitrateBps : null),
    firmware: reported === null ? null : { version },
    verdict: verdictOf(version, hostVersion),
    former: isSame ? known.former : null,
    hand: null,
  };
  return { ...draft, unreachable: unreachableOf(draft) };
}

/** Of one version is one code. Without the dictionaries nothing more is known of two versions. */
function verdictOf(version: string | null, hostVersion: string | null): PrinterMcu['verdict'] {
  return version !== null && version === hostVersion ? 'same-code' : 'unknown';
}

type Where = Pick<PrinterMcu, 'role' | 'reach' | 'place'>;

function whereIs(found: ConfigMcu, { piId, isVirtual }: SurveyedPi): Where {
  if (found.kind === 'serial') return whereSerial(found, piId);
  const { bridgePort, canbusUuid, interfaceName, busPort } = found;
  const usb = (port: string | null): PlaceId | null => {
    if (port === null || !isPortPath(port)) return null;
    return isVirtual ? usbPlace(port) : piUsbPlace(piId, port);
  };
  if (bridgePort !== null) return { role: 'bridge', reach: 'usb', place: usb(bridgePort) };
  if (canbusUuid === null) return { role: 'node', reach: 'can', place: null };
  if (!isVirtual) return { role: 'node', reach: 'can', place: piNodePlace(piId, interfaceName, canbusUuid) };
  const isThere = busPort !== null && isPortPath(busPort);
  return { role: 'node', reach: 'can', place: isThere ? nodePlace(busPort, canbusUuid) : null };
}

/** Klipper's documentation (RPi_microcontroller.md): the socket of the process on the host. */
const processSocket = '/tmp/klipper_host_mcu';

function whereSerial(found: Extract<ConfigMcu, { kind: 'serial' }>, piId: string): Where {
  const { serial, device } = found;
  if (serial === processSocket) return { role: 'host-process', reach: 'host', place: null };
  const [, product] = /^\/dev\/serial\/by-id\/usb-([^_]+)_/.exec(serial) ?? [];
  // Klipper names its USB device after itself (src/generic/usb_cdc.c); another firmware or an adapter does not.
  if (product !== undefined && /^(beacon|cartographer)/i.test(product))
    return { role: 'foreign', reach: null, place: null };
  if (product !== undefined && !/^(klipper|katapult)$/i.test(product))
    return { role: 'not-written-here', reach: null, place: null };
  if (device !== null && isPortPath(device.busPort))
    return { role: 'board', reach: 'usb', place: piUsbPlace(piId, device.busPort) };
  const name = serial.replace(/^\/dev\//, '');
  if (isUartName(name)) return { role: 'board', reach: 'uart', place: piUartPlace(piId, name) };
  return { role: 'board', reach: 'usb', place: null };
}

function unreachableOf({
  role,
  place,
  preset,
}: Pick<PrinterMcu, 'role' | 'place' | 'preset'>): PrinterMcu['unreachable'] {
  if (role === 'foreign') return null;
  if (role === 'not-written-here') {
    const text = 'is behind a serial adapter: "make flash" in Klipper’s folder on the Pi writes it';
    return { reason: 'not-written', text };
  }
  if (role === 'host-process') {
    const text =
      'is a program on the Pi: Klipper’s documentation, "RPi microcontroller", says how to build it again';
    return { reason: 'not-written', text };
  }
  if (place === null) return { reason: 'absent', text: 'is not seen on its port or bus now' };
  if (preset === null) return { reason: 'recipe-unknown', text: 'no record says which board it is' };
  return null;
}
