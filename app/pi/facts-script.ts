import { shellScript } from '../transport/shell-script.ts';
import factsText from './scripts/facts.sh?raw';

/**
 * Looks at a Pi and changes nothing. Run as `sh -c SCRIPT sh NONCE CONFIG`, CONFIG being a printer.cfg to read besides,
 * or empty; prints a report for `parseReport`.
 */
export const factsScript = shellScript(factsText);
