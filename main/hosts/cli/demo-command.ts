import { placeLabel, placeWords } from '../../../app/place.ts';
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { progressPrinter } from './show-progress.ts';

/** `canopus demo`: the whole job on a virtual board and a virtual Pi, with virtual hands for the jumper. */
export function registerDemo(program: Command, context: CliContext): void {
  program
    .command('demo')
    .description('the whole job on a virtual board and a virtual Pi')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      context.run({ ...options, target: 'board' }, async (io) => {
        const { openDemo } = await import('../../station/demo.ts');
        const { flashBoard } = await import('../../jobs/flash-board.ts');
        const { systemClock } = await import('../../system-clock.ts');
        await using demo = await openDemo(systemClock);
        io.print(`A bare virtual ${demo.presetName} is on ${placeWords(demo.place)}, its BOOT0 jumper on.`);
        io.print('The images are samples made here; flash and its timing are modelled on the datasheet.\n');
        const show = progressPrinter(io, systemClock);
        const { place, ...report } = await flashBoard(demo.services, {
          place: demo.place,
          images: demo.images,
          signal: io.signal,
          onEvent: (event) => {
            show(event);
            if (event.type === 'ask') io.print(`(virtual hands: ${demo.obey(event.ask)})\n`);
          },
        });
        const { uid, canbusUuid } = report;
        if (canbusUuid === null) throw new Error('the bridge of the demo reported no UID');
        io.print(
          `\nKatapult and Klipper are written, every byte was read back, and the bridge runs.\nUID          ${uid}\ncanbus_uuid  ${canbusUuid}\n`,
        );
        io.leaves('running-bridge');
        const { setUpDemoPi } = await import('./demo-pi.ts');
        const proofs = await setUpDemoPi(io, demo.pi, canbusUuid);
        io.print(`\nDone: ${canbusUuid} is in printer.cfg of the virtual Pi, and proven to work.`);
        return { port: placeLabel(place), state: 'running-bridge', ...report, proofs };
      }),
    );
}
