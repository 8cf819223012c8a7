import type { Command, CommanderError } from 'commander';
import { canopusVersion } from '../../version.ts';
import { createCliContext, type CliContext } from './context.ts';
import { errorEvent } from './error-output.ts';
import { exitCodes } from './exit-code.ts';
import { outputTo } from './output.ts';
import { CanopusError } from '../../../app/errors.ts';
import { registerBackups } from './backups-command.ts';
import { registerBench } from './bench-command.ts';
import { registerBoards } from './boards-command.ts';
import { registerBuild } from './build-command.ts';
import { registerCan } from './can-command.ts';
import { registerCard } from './card-command.ts';
import { registerCache } from './cache-command.ts';
import { registerCompletion } from './completion-command.ts';
import { registerDemo } from './demo-command.ts';
import { registerDoctor } from './doctor-command.ts';
import { registerFlash } from './flash-commands.ts';
import { registerHistory } from './history-command.ts';
import { registerInspect } from './inspect-command.ts';
import { registerLabel } from './label-command.ts';
import { registerLicences } from './licences-command.ts';
import { registerPi } from './pi-command.ts';
import { registerPresets } from './presets-command.ts';
import { registerPrinter } from './printer-command.ts';
import { registerReport } from './report-command.ts';
import { registerRestore } from './restore-command.ts';
import { registerServe } from './serve-command.ts';
import { registerSim } from './sim-command.ts';
import { StrictCommand } from './strict-command.ts';
import { registerSupport } from './support-command.ts';
import { registerVerify } from './verify-command.ts';
import { registerUuid } from './uuid-command.ts';

/** The whole command line. Each command loads what it needs when it runs, so that all of them start fast. */
export function createProgram(context: CliContext = createCliContext()): Command {
  const program = new StrictCommand('canopus')
    .description(
      'Turns printer boards into Klipper USB-to-CAN bridges, writes their nodes, and sets up the Pi.',
    )
    .version(canopusVersion)
    .showHelpAfterError('(see canopus --help)')
    .addHelpText('after', examples)
    .hook('preAction', (_, command) => context.begin(wordsOf(command)))
    .exitOverride(endWithUsageCode);
  program.commandsGroup('Boards:');
  registerBoards(program, context);
  registerFlash(program, context);
  registerCan(program, context);
  registerCard(program, context);
  registerBackups(program, context);
  registerRestore(program, context);
  registerBench(program, context);
  program.commandsGroup('Firmware:');
  registerPresets(program, context);
  registerBuild(program, context);
  registerCache(program, context);
  registerInspect(program, context);
  registerVerify(program, context);
  program.commandsGroup("The printer's Pi:");
  registerPi(program, context);
  registerPrinter(program, context);
  program.commandsGroup('Records and labels:');
  registerHistory(program, context);
  registerLabel(program, context);
  registerReport(program, context);
  registerUuid(program, context);
  program.commandsGroup('This computer:');
  registerDoctor(program, context);
  registerSupport(program, context);
  registerServe(program, context);
  registerDemo(program, context);
  registerSim(program, context);
  registerCompletion(program, context);
  registerLicences(program, context);
  return program;
}

const examples = `
Examples:
  canopus boards                                     what is plugged in
  canopus flash --preset octopus:f446 --katapult build --klipper build
                                                     a bare board becomes a bridge
  canopus pi plan --host pi@mainsailos.local         what would change on the Pi
  canopus demo                                       all of it on virtual boards`;

/** `pi apply` for `canopus pi apply`. */
function wordsOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${wordsOf(parent)} ${command.name()}` : command.name();
}

/** Commander ends with 1 on wrong usage; scripts are promised 2, and with --json an error line. */
function endWithUsageCode(error: CommanderError): never {
  if (error.exitCode !== 0 && process.argv.includes('--json')) {
    const message = error.message.replace(/^error: /, '');
    const usage = new CanopusError('usage/invalid', message, {}, { state: 'untouched' });
    outputTo(process, true).emit(errorEvent(usage));
  }
  process.exit(error.exitCode === 0 ? 0 : exitCodes.usage);
}
