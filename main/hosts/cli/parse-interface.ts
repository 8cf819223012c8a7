import { InvalidArgumentError } from 'commander';
import { isInterfaceName } from '../../../app/units.ts';

/** The value of an option that names a network interface. *Throws* InvalidArgumentError if none can have that name. */
export function parseInterface(text: string): string {
  if (isInterfaceName(text)) return text;
  throw new InvalidArgumentError('must be the name of a network interface, such as can0');
}
