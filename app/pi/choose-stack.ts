import { canSources, type CanSource, type WhichInterface } from './can-sources.ts';
import type { ComesBack } from './can-units.ts';
import type { PiFacts, UnitFacts } from './facts.ts';
import type { ChosenStack, PiWishes } from './plan-types.ts';

function inUse(unit: UnitFacts | undefined): boolean {
  return unit?.exists === true && (unit.active || unit.enabled === 'enabled');
}

/** ifupdown handles hotplug if its tools are there and its service brings interfaces up. */
function usesIfupdown(facts: PiFacts): boolean {
  return facts.tools.has('ifup') && inUse(facts.units.get('networking.service'));
}

export function usesNetworkd(facts: PiFacts): boolean {
  return inUse(facts.units.get('systemd-networkd.service'));
}

/** systemd-networkd can be enabled: the unit exists and is not masked. */
function hasNetworkd(facts: PiFacts): boolean {
  const unit = facts.units.get('systemd-networkd.service');
  return unit?.exists === true && unit.enabled !== 'masked';
}

/** Whether a source would actually do something on this Pi in its current state. */
export function isEffective(facts: PiFacts, source: CanSource): boolean {
  switch (source.kind) {
    case 'ifupdown':
      return source.read && source.comesBack !== 'never' && usesIfupdown(facts);
    case 'networkd':
      return source.isFirst && usesNetworkd(facts);
    case 'netdev':
      return usesNetworkd(facts);
    case 'link':
      return source.isFirst;
    case 'unit':
      return facts.systemd !== null && source.comesBack !== 'never';
    case 'script':
      return source.comesBack !== 'never';
    case 'queue-rule':
    case 'run-rule':
    case 'crontab':
      return true;
  }
}

/** When a source brings the interface up; null for one that does not, on this Pi in its current state. */
export function comesBackBy(facts: PiFacts, source: CanSource): ComesBack | null {
  if (!isEffective(facts, source)) return null;
  switch (source.kind) {
    case 'ifupdown':
      return source.comesBack;
    case 'unit':
    case 'script':
      return source.commands.some(({ bringsUp }) => bringsUp) ? source.comesBack : null;
    case 'networkd':
      return 'always';
    case 'run-rule':
      // A program of its own may do anything.
      return source.rules.some(({ runs }) => runs.some(({ command }) => command !== null))
        ? 'always'
        : 'unknown';
    case 'crontab':
      return source.lines.every((line) => /^\s*@reboot\b/.test(line)) ? 'boot' : 'unknown';
    case 'netdev':
    case 'link':
    case 'queue-rule':
      return null;
  }
}

/**
 * The stack to write for: the one that already configures the interface, if it can work; or else the one that the
 * system uses; or else one that it could use; or else our own unit. Null if none is possible.
 */
export function chooseStack(
  facts: PiFacts,
  which: WhichInterface,
  wanted: PiWishes['stack'],
): { readonly stack: ChosenStack | null; readonly why: string } {
  if (wanted !== 'auto') {
    const possible =
      wanted === 'ifupdown'
        ? facts.tools.has('ifup')
        : wanted === 'networkd'
          ? hasNetworkd(facts)
          : facts.systemd !== null;
    return possible
      ? { stack: wanted, why: `${names[wanted]} was asked for` }
      : { stack: null, why: `${names[wanted]} was asked for, but this system does not have it` };
  }
  const { interfaceName } = which;
  const effective = canSources(facts, which).filter((source) => isEffective(facts, source));
  const present = (kind: CanSource['kind']): boolean => effective.some((source) => source.kind === kind);
  if (present('ifupdown')) return { stack: 'ifupdown', why: `ifupdown already configures ${interfaceName}` };
  if (present('networkd')) {
    return { stack: 'networkd', why: `systemd-networkd already configures ${interfaceName}` };
  }
  // Canopus wrote it where the network stack could not do it, or because it was asked to.
  const own = effective.some((each) => each.kind === 'unit' && each.name === canUnitName(interfaceName));
  if (own) return { stack: 'unit', why: `a unit of Canopus configures ${interfaceName} already` };
  if (usesIfupdown(facts)) return { stack: 'ifupdown', why: 'ifupdown is in use' };
  if (usesNetworkd(facts)) return { stack: 'networkd', why: 'systemd-networkd is in use' };
  if (hasNetworkd(facts)) {
    const beside = facts.units.get('NetworkManager.service')?.active === true;
    const why = 'systemd-networkd is installed and will be enabled only for the CAN interface';
    return {
      stack: 'networkd',
      why: beside ? `${why}; NetworkManager, which does not do CAN, keeps the rest` : why,
    };
  }
  if (facts.systemd !== null)
    return { stack: 'unit', why: 'no network stack is in use, so a systemd unit will do it' };
  const why = `${facts.os ?? 'this system'} has neither systemd nor ifupdown as Debian has it, and without one of them nothing brings ${interfaceName} up again when the bridge is reset`;
  return { stack: null, why };
}

/** The unit that a plan writes where no network stack can bring the interface up. */
export const canUnitName = (interfaceName: string): string => `canopus-${interfaceName}.service`;

const names = { ifupdown: 'ifupdown', networkd: 'systemd-networkd', unit: 'a systemd unit' } as const;
