import type { PrinterMcu, PrinterSurvey } from '../../../app/printer/printer-mcu.ts';

/** Klipper on the Pi of these printers. */
export const hostVersion = 'v0.13.0-200-g0123abcd';

/** A toolhead that Klipper refuses, with a kept image. */
export function mcuOf(more: Partial<PrinterMcu> = {}): PrinterMcu {
  return {
    name: 'mcu EBB',
    mcu: 'stm32g0b1xx',
    role: 'node',
    reach: 'can',
    place: 'pi:voron/can0/0e1a2b3c4d5e',
    canbusUuid: '0e1a2b3c4d5e',
    interfaceName: 'can0',
    bitrateBps: 1_000_000,
    firmware: { version: 'v0.12.0-1-gabcdef01' },
    preset: { presetId: 'btt-ebb36', variantId: null },
    verdict: 'must',
    former: { key: 'a'.repeat(64), sha256: 'b'.repeat(64), version: 'v0.12.0-1-gabcdef01' },
    unreachable: null,
    hand: null,
    ...more,
  };
}

export const bridgeMcu = mcuOf({
  ...{ name: 'mcu', role: 'bridge', reach: 'usb', place: 'pi:voron/usb:1-1.3' },
  canbusUuid: '6beb0175188a',
});

export const boardMcu = mcuOf({
  ...{ name: 'mcu MMU', role: 'board', reach: 'usb', place: 'pi:voron/usb:1-1.4' },
  ...{ canbusUuid: null, interfaceName: null },
});

export const hostMcu = mcuOf({
  ...{ name: 'mcu host', role: 'host-process', reach: 'host', place: null, preset: null, former: null },
  ...{ canbusUuid: null, interfaceName: null },
});

export function surveyOf(mcus: readonly PrinterMcu[], more: Partial<PrinterSurvey> = {}): PrinterSurvey {
  return { printer: 'printer', piId: 'voron', hostVersion, mcus, busy: null, hot: [], ...more };
}
