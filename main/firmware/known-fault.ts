import {
  describeFault,
  knownFaultOf,
  knownFaultOfConfig,
  type KnownFault,
} from '../../app/image/known-faults.ts';
import type { KconfigValues } from '../../app/build/kconfig.ts';
import { CanopusError } from '../../app/errors.ts';
import type { BuildRequest } from './build-request.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/** Throws `build/known-fault` if the version alone shows it; for a changed tree its configuration must show it. */
export function refuseFaultyVersion(request: BuildRequest, { version }: SourceSnapshot): void {
  const found = knownFaultOf({ firmware: request.target, mcu: request.recipe.mcu, version });
  if (found?.certain) throw refusal(found.fault, version);
}

/** Throws `build/known-fault` if the configuration shows it: for a tree without tags, not in git, or changed. */
export function refuseFaultyConfig(
  request: BuildRequest,
  { version }: SourceSnapshot,
  config: KconfigValues,
): void {
  const fault = knownFaultOfConfig({ firmware: request.target, mcu: request.recipe.mcu }, config);
  if (fault !== null) throw refusal(fault, version);
}

function refusal(fault: KnownFault, version: string): CanopusError {
  const { from, fixedBy, source } = fault;
  const message = `this source is ${version}. ${describeFault(fault)} (${source})`;
  return new CanopusError('build/known-fault', message, { version, from, fixedBy, source });
}
