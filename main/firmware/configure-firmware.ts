import type { Fragment } from '../../app/build/fragment.ts';
import { formatKconfig, parseKconfig } from '../../app/build/kconfig.ts';
import type { KconfigValues } from '../../app/build/kconfig.ts';
import { refuseBeforeBridge } from '../../app/build/missing-choice.ts';
import type { Recipe } from '../../app/build/recipe.ts';
import { compareConfig, refuseDifferences } from '../../app/build/resolved-config.ts';
import { runScript, scriptError } from './build-machine.ts';
import type { BuildTask } from './build-task.ts';
import type { KeptConfigs } from './kept-configs.ts';
import { refuseFaultyConfig } from './known-fault.ts';
import { refuseFullDisk, runMake } from './run-make.ts';
import type { FirmwareMake } from './run-make.ts';

const configureTimeoutMs = 2 * 60_000;
const maxConfigBytes = 1 << 20;

/** Configures a task and remembers the result. Throws what `configureFirmware` throws and `build/known-fault`. */
export async function configureTask(
  { request, snapshot, fragment, configKey }: BuildTask,
  make: FirmwareMake,
  configs: KeptConfigs,
): Promise<KconfigValues> {
  const resolved = await configureFirmware(make, fragment, request.recipe);
  refuseFaultyConfig(request, snapshot, resolved);
  await configs.put(configKey, resolved);
  return resolved;
}

/**
 * Resolves a fragment in a tree by `make olddefconfig` and checks the result. Returns the whole configuration. Throws
 * `build/configure-failed`, `build/unknown-mcu`, `build/not-offered`, `build/config-refused`, `build/timeout`,
 * `file/disk-full`.
 */
async function configureFirmware(
  make: FirmwareMake,
  fragment: Fragment,
  recipe: Recipe,
): Promise<KconfigValues> {
  const { shell } = make.machine;
  const config = `${make.folder}/.config`;
  await shell.writeFile(config, new TextEncoder().encode(formatKconfig(fragment.asked)), {
    signal: make.signal,
  });
  const result = await runMake(make, 'olddefconfig', { jobs: 1, timeoutMs: configureTimeoutMs });
  if (result.exitCode !== 0) {
    await refuseFullDisk(make);
    refuseBeforeBridge(make.target, await knownSymbols(make).catch(() => new Set<string>()));
    const doing = `configure ${make.target} (make olddefconfig)`;
    throw scriptError(shell, result, { code: 'build/configure-failed', doing });
  }
  const text = await shell.readFile(config, { maxBytes: maxConfigBytes, signal: make.signal });
  const resolved = parseKconfig(new TextDecoder().decode(text));
  if (compareConfig(fragment, resolved).length > 0) {
    const known = await knownSymbols(make);
    refuseDifferences(fragment, compareConfig(fragment, resolved, known), recipe, known);
  }
  return resolved;
}

/** All symbols that the tree's Kconfig files define. */
async function knownSymbols(make: FirmwareMake): Promise<ReadonlySet<string>> {
  const script =
    'cd -- "$1" && find src -name "Kconfig*" -exec grep -hE "^[[:space:]]*(menu)?config[[:space:]]" {} +';
  const { stdout } = await runScript(make.machine.shell, script, [make.tree], {
    signal: make.signal,
    failure: { code: 'build/configure-failed', doing: `read the Kconfig files of ${make.target}` },
  });
  return new Set([...stdout.matchAll(/^\s*(?:menu)?config\s+(\w+)/gm)].map((match) => match[1] ?? ''));
}
