import { hex32 } from '../../../app/hex.ts';
import type { Command } from 'commander';
import type { ImageInfo } from '../../../app/image/image-info.ts';
import {
  describeFault,
  knownFaultOf,
  type FoundFault,
  type KnownFault,
} from '../../../app/image/known-faults.ts';
import { uuidSourceOf } from '../../../app/image/uuid-source.ts';
import type { CliContext } from './context.ts';

/** `canopus inspect FILE`: what a firmware image says about itself. */
export function registerInspect(program: Command, context: CliContext): void {
  program
    .command('inspect')
    .description('show what a firmware image is')
    .argument('<file>', 'the image, under any name')
    .option('--json', 'print JSON')
    .action((file: string, options: { json?: boolean }) =>
      context.run(options, async (io) => {
        const { loadImage } = await import('../../jobs/board-images.ts');
        const image = await loadImage(file);
        const { info } = image;
        io.print(describeImage(info));
        const canbusUuidFrom = info.kind === 'klipper' ? uuidSourceOf(image) : null;
        if (canbusUuidFrom === 'unknown') io.print(uuidUnknown);
        const found = knownFaultOf({ firmware: info.kind, mcu: info.mcu, version: info.version });
        if (found !== null) io.print(describeFound(found));
        const { dictionary: _dictionary, ...told } = info;
        const knownFault = found && { ...faultFacts(found.fault), certain: found.certain };
        return { file, ...told, knownFault, canbusUuidFrom };
      }),
    );
}

/** Kalico and other forks can be built with a UUID that is independent of the chip. */
const uuidUnknown =
  '\nThis is not a build of Klipper itself: its canbus_uuid may differ from the one computed from the chip.';

function describeFound({ fault, certain }: FoundFault): string {
  const doubt = certain ? '' : ' The sources were changed since; that may or may not fix it.';
  return `\nKnown fault: ${describeFault(fault)}.${doubt}\n${fault.source}`;
}

function faultFacts({ effect, from, fixedBy, source }: KnownFault): Record<string, string> {
  return { effect, from, fixedBy, source };
}

function describeImage(info: ImageInfo): string {
  const { can } = info;
  const rows: [string, string | null][] = [
    ['kind', info.kind],
    ['mcu', info.mcu],
    ['version', info.version],
    ['size', `${info.size} bytes`],
    ['goes to', info.applicationAddress === null ? null : hex32(info.applicationAddress)],
    ['starts the application at', info.launchAddress === null ? null : hex32(info.launchAddress)],
    ['CPU clock', info.clockHz === null ? null : `${info.clockHz / 1e6} MHz`],
    ['crystal', describeCrystal(info)],
    ['CAN', can === null ? null : `${can.role}${can.pins === null ? '' : ` on ${can.pins.join('/')}`}`],
    ['CAN bit rate', typeof can?.bitrateBps === 'number' ? `${can.bitrateBps} bit/s` : null],
    ['initial SP', hex32(info.initialStackPointer)],
    ['reset vector', hex32(info.resetVector)],
    ['sha256', info.sha256],
  ];
  return rows.map(([name, value]) => `${name.padEnd(26)}${value ?? 'not stated'}`).join('\n');
}

/** Read from the code of Katapult or Klipper: it is there, even if it cannot be read. */
function describeCrystal({ kind, crystalHz }: ImageInfo): string | null {
  if (crystalHz === 0) return 'none: internal oscillator';
  if (crystalHz !== null) return `${crystalHz / 1e6} MHz`;
  return kind === 'katapult' || kind === 'klipper' ? 'unknown' : null;
}
