import type { Command } from 'commander';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import type { CliContext } from './context.ts';

/** `canopus uuid UID`: the canbus_uuid of a chip, computed. */
export function registerUuid(program: Command, context: CliContext): void {
  program
    .command('uuid')
    .description("compute a board's canbus_uuid from its chip UID")
    .argument('<uid>', '24 hexadecimal digits, as the USB serial number shows them')
    .option('--json', 'print JSON')
    .action((uid: string, options: { json?: boolean }) =>
      context.run(options, (io) => {
        const uuid = canbusUuid(uid);
        io.print(uuid);
        return Promise.resolve({ uid: uid.toUpperCase(), canbusUuid: uuid });
      }),
    );
}
