import type { Check, Examination } from './check.ts';
import { checkErrors, checkInterface, checkRivals, checkSettings, checkStack } from './check-network.ts';
import {
  checkConfig,
  checkIdentity,
  checkKlipper,
  checkQuery,
  checkUuids,
  checkVersions,
} from './check-printer.ts';
import { checkNodes } from './check-nodes.ts';
import { checkClock, checkStorage } from './check-system.ts';
import { checkRates } from './rates.ts';
import { checkBridge, checkDriver, checkHat } from './check-usb.ts';

/** The common problems on a Pi, checked one by one; nothing is changed and the bus is not disturbed. */
export function examine(examination: Examination): Check[] {
  return [
    checkStorage(examination),
    checkClock(examination),
    checkDriver(examination),
    checkBridge(examination),
    checkInterface(examination),
    checkSettings(examination),
    checkStack(examination),
    checkRivals(examination),
    checkHat(examination),
    checkErrors(examination),
    checkRates(examination),
    checkNodes(examination),
    checkIdentity(examination),
    checkUuids(examination),
    checkConfig(examination),
    checkQuery(examination),
    checkVersions(examination),
    checkKlipper(examination),
  ];
}
