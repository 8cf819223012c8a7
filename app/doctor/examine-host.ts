import { checkAccess, checkModemManager, checkRules, checkUsb } from './check-drivers.ts';
import { checkForeign } from './check-foreign.ts';
import { checkBootRomDriver, checkBridgeDriver, checkDeviceTree, checkWinUsb } from './check-windows.ts';
import { checkFolders, checkSecrets, checkToolchain } from './check-work.ts';
import type { Surface } from '../errors/error-row.ts';
import type { HostCheck } from './host-check.ts';
import type { HostFacts } from './host-facts.ts';

/** Everything that keeps a computer from flashing, one check each; checks for other systems are left out. */
export function examineHost(facts: HostFacts, surface: Surface): readonly HostCheck[] {
  return [
    checkUsb(facts),
    checkRules(facts),
    checkModemManager(facts),
    checkDeviceTree(facts),
    checkWinUsb(facts),
    checkBootRomDriver(facts),
    checkBridgeDriver(facts),
    checkAccess(facts, surface),
    checkForeign(facts),
    checkToolchain(facts),
    checkFolders(facts),
    checkSecrets(facts),
  ].filter((check) => check !== null);
}
