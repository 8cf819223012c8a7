import type { Command } from 'commander';
import type { Toolchain } from '../../../app/build/toolchain.ts';
import type { HostCheck } from '../../../app/doctor/host-check.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
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

/**
 * `canopus doctor`: can this computer flash boards and build firmware? Ends with `toolchain/…` where it cannot build;
 * what else is wrong is told with what to do about it. With `--on` only that machine's toolchain is looked at.
 */
export function registerDoctor(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .description('look at this computer: drivers, permissions and everything needed for building');
  withFirmwareOptions(withMachineOptions(command)).action((options: DoctorOptions) =>
    context.run(options, (io) => examine(io, options)),
  );
}

async function examine(io: CliIo, options: DoctorOptions): Promise<CliReport> {
  const { requireToolchain } = await import('../../../app/build/toolchain.ts');
  return withFirmware(io, options, async (firmware) => {
    const checks = options.on === 'local' ? await examineComputer(io, options, firmware) : [];
    const site = await firmware.machines.get(options.on, io.signal);
    const toolchain = await firmware.builder.toolchains.of(site, io.signal);
    io.emit({ type: 'toolchain', machine: site.machine.shell.label, ...toolchain }, () =>
      describeToolchain(toolchain),
    );
    requireToolchain(toolchain, site.machine.shell.label);
    io.print('Everything that a build needs is there.');
    return { machine: site.machine.shell.label, ...toolchain, checks };
  });
}

/** The checks that Settings show, but for the toolchain, which is told in full. */
async function examineComputer(
  io: CliIo,
  options: DoctorOptions,
  firmware: FirmwareService,
): Promise<readonly HostCheck[]> {
  const [{ runHostDoctor }, { LiveBoards }, { dataFolders }] = await Promise.all([
    import('../../station/host-doctor.ts'),
    import('../../station/live-boards.ts'),
    import('../../station/data-folders.ts'),
  ]);
  const station = await io.station();
  using boards = await LiveBoards.open(station.devices);
  const checks = await runHostDoctor(
    {
      folders: dataFolders(options.data),
      boards: () => boards.all(),
      ...(station.devices.readsDeviceTree && {
        readsDeviceTree: () => station.devices.readsDeviceTree?.() ?? Promise.resolve(true),
      }),
      platform: station.system,
      toolchain: (signal) => firmware.builder.toolchains.of(firmware.machines.local(), signal, 'building'),
      secrets: null,
      surface: 'terminal',
    },
    io.signal,
  );
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
