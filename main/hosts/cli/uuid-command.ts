import type { Command } from 'commander';
import { chipNames } from '../../../app/boards/chip-identity.ts';
import type { CliContext } from './context.ts';

/** `canopus uuid UID`: the canbus_uuid of a chip, computed. */
export function registerUuid(program: Command, context: CliContext): void {
  program
    .command('uuid')
    .description("compute a board's canbus_uuid from its chip UID")
    .argument('<uid>', '24 hexadecimal digits (RP2040, RP2350: 16), as the USB serial number shows them')
    .option('--json', 'print JSON')
    .action((uid: string, options: { json?: boolean }) =>
      context.run(options, (io) => {
        const { canbusUuid } = chipNames(uid);
        io.print(canbusUuid);
        return Promise.resolve({ uid: uid.toUpperCase(), canbusUuid });
      }),
    );
}
