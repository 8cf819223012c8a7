import * as z from 'zod/mini';
import { CanopusError } from '../errors.ts';
import type { Plain } from '../plain.ts';
import { parseCanbusUuid } from '../units.ts';
import { optionValue, sectionNames, type ConfigTree } from './config-tree.ts';
import { editSection, type FileEdits } from './edit-section.ts';

/** The wished bus settings of one micro-controller's section. */
interface CanbusWish {
  /** `mcu`, or `mcu NAME`. */
  readonly section: string;
  /** 12 hexadecimal digits. */
  readonly canbusUuid: string;
  /** The network interface; Klipper's default is `can0`. */
  readonly canbusInterface: string;
}

/**
 * Options that only a serial micro-controller may have: Klipper refuses to start if a section with a `canbus_uuid`
 * still has them (Klipper, Config_Reference.md, [mcu]; it rejects unused options).
 */
export const serialOptions = ['serial', 'baud', 'restart_method'];

const defaultInterface = 'can0';

/** A section of printer.cfg that Klipper can address on the bus: `mcu`, or `mcu NAME`. */
export const mcuSectionSchema = z.string().check(z.regex(/^mcu( [A-Za-z0-9_-]{1,200})?$/));

/** `mcu` for the main one, otherwise `mcu NAME`. Throws `usage/invalid` for a name that Klipper could not address. */
export function mcuSection(name: string): string {
  if (name === '' || name === 'mcu') return 'mcu';
  const bare = name.startsWith('mcu ') ? name.slice(4) : name;
  const section = mcuSectionSchema.safeParse(`mcu ${bare}`);
  if (section.success) return section.data;
  throw new CanopusError('usage/invalid', `"${name}" is not a valid name for an [mcu NAME] section`, {
    name,
  });
}

/** The edits that put a micro-controller on the bus; empty if it already is. Throws as `editSection` does. */
export function editCanbus(tree: ConfigTree, wish: CanbusWish): FileEdits[] {
  const { section, canbusUuid, canbusInterface } = wish;
  if (parseCanbusUuid(canbusUuid) !== canbusUuid) {
    const message = `"${canbusUuid}" is not a canbus_uuid: it needs 12 hexadecimal digits, with leading zeros`;
    throw new CanopusError('config/invalid-value', message, { section, canbusUuid });
  }
  const set = new Map<string, string>();
  const current = optionValue(tree, section, 'canbus_uuid');
  // Klipper parses a number: upper and lower case are the same.
  set.set('canbus_uuid', current !== null && sameUuid(current, canbusUuid) ? current : canbusUuid);
  const named = optionValue(tree, section, 'canbus_interface');
  if ((named ?? defaultInterface) !== canbusInterface) set.set('canbus_interface', canbusInterface);
  return editSection(tree, { section, set, commentOut: serialOptions });
}

/** True if Klipper reads both as the same number. */
export function sameUuid(a: string, b: string): boolean {
  const digits = (text: string): string => text.trim().toLowerCase().replace(/^0x/, '').replace(/^0+/, '');
  return digits(a) === digits(b);
}

export const canbusSectionSchema = z.object({
  section: z.string(),
  canbusUuid: z.string(),
  canbusInterface: z.string(),
});

export type CanbusSection = Plain<z.infer<typeof canbusSectionSchema>>;

/** Every section with a canbus_uuid. */
export function canbusSections(tree: ConfigTree): CanbusSection[] {
  return sectionNames(tree).flatMap((section) => {
    const canbusUuid = optionValue(tree, section, 'canbus_uuid');
    if (canbusUuid === null) return [];
    return [
      {
        section,
        canbusUuid,
        canbusInterface: optionValue(tree, section, 'canbus_interface') ?? defaultInterface,
      },
    ];
  });
}
