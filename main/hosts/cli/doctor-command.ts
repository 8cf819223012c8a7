import type { Command } from 'commander';
import type { Toolchain } from '../../../app/build/toolchain.ts';
import type { HostCheck } from '../../../app/doctor/host-check.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { withMachineOptions, type FirmwareOptions } from './firmware-options.ts';
import { withDataOptions } from './station-options.ts';
import { onStation } from './on-station.ts';
import { withPis } from './reach-pi.ts';

interface DoctorOptions extends FirmwareOptions {
  readonly on: string;
}

/**
 * `canopus doctor`: can this computer flash boards and build firmware? Fails with `toolchain/…` if it cannot build;
 * other problems are printed with their next steps. With `--on` it only checks that machine's toolchain.
 */
export function registerDoctor(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .description('check this computer: drivers, permissions and everything needed for building');
  withDataOptions(withMachineOptions(command)).action((options: DoctorOptions) =>
    onStation(context, options, (io, client) =>
      withPis(io, client, options, [options.on], () => examine(io, client, options)),
    ),
  );
}

async function examine(io: CliIo, client: StationClient, options: DoctorOptions): Promise<CliReport> {
  const { requireToolchain } = await import('../../../app/build/toolchain.ts');
  const checks = options.on === 'local' ? await examineComputer(io, client) : [];
  const { machine, advice: _, ...toolchain } = await client.call('builds.toolchain', { on: options.on }, io);
  io.emit({ type: 'toolchain', machine, ...toolchain }, () => describeToolchain(toolchain));
  requireToolchain(toolchain, machine);
  io.print('Everything that a build needs is there.');
  return { machine, ...toolchain, checks };
}

/** The checks that Settings shows, except the toolchain, which is printed in full. */
async function examineComputer(io: CliIo, client: StationClient): Promise<readonly HostCheck[]> {
  const checks = await client.call('doctor.run', { surface: 'terminal' }, io);
  const told = checks.filter(({ id }) => id !== 'toolchain');
  for (const check of told) io.emit({ type: 'check', ...check }, () => describeCheck(check));
  return checks;
}

const marks = { fine: 'ok', look: '!', wrong: 'X', unknown: '?' } as const;

function describeCheck({ verdict, question, answer, why, fix }: HostCheck): string {
  const lines = [`${marks[verdict].padEnd(3)} ${question} ${answer}`];
  if (fix !== null) lines.push(`    ${why}`, `    ${fix.text}`);
  if (fix !== null && fix.command !== null) lines.push(`    ${fix.command}`);
  return lines.join('\n');
}

function describeToolchain({ tools, missing, cores }: Toolchain): string {
  const rows = tools.map(({ name, path, version }) => {
    const shown = name === 'newlib' ? path : `${version}  ${path}`;
    return `${name.padEnd(22)}  ${shown}`;
  });
  return [...rows, ...missing.map((name) => `${name.padEnd(22)}  missing`), `${cores} cores`].join('\n');
}
