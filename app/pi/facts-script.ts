import { shellScript } from '../transport/shell-script.ts';
import factsText from './scripts/facts.sh?raw';

/**
 * Collects facts about a Pi and changes nothing. Run as `sh -c SCRIPT sh NONCE CONFIG`, where CONFIG is an extra
 * printer.cfg to read, or empty; prints a report for `parseReport`.
 */
export const factsScript = shellScript(factsText);
