import type { Command } from 'commander';
import type { Toolchain } from '../../../app/build/toolchain.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import {
  withFirmware,
  withFirmwareOptions,
  withMachineOptions,
  type FirmwareOptions,
} from './firmware-options.ts';

interface DoctorOptions extends FirmwareOptions {
  readonly on: string;
}

/** `canopus doctor`: is there everything to build with? Ends with `toolchain/…` where there is not. */
export function registerDoctor(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .description('look whether everything needed for building is there');
  withFirmwareOptions(withMachineOptions(command)).action((options: DoctorOptions) =>
    context.run(options, (io) => examine(io, options)),
  );
}

async function examine(io: CliIo, options: DoctorOptions): Promise<CliReport> {
  const { requireToolchain } = await import('../../../app/build/toolchain.ts');
  return withFirmware(io, options, async (firmware) => {
    const site = await firmware.machines.get(options.on, io.signal);
    const toolchain = await firmware.builder.toolchain(site, io.signal);
    io.emit({ type: 'toolchain', machine: site.machine.shell.label, ...toolchain }, () =>
      describeToolchain(toolchain),
    );
    requireToolchain(toolchain, site.machine.shell.label);
    io.print('Everything that a build needs is there.');
    return { machine: site.machine.shell.label, ...toolchain };
  });
}

function describeToolchain({ tools, missing, cores }: Toolchain): string {
  const rows = tools.map(({ name, path, version }) => {
    const shown = name === 'newlib' ? path : `${version}  ${path}`;
    return `${name.padEnd(22)}  ${shown}`;
  });
  return [...rows, ...missing.map((name) => `${name.padEnd(22)}  missing`), `${cores} cores`].join('\n');
}
