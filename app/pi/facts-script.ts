import { shellScript } from '../transport/shell-script.ts';
import factsText from './scripts/facts.sh?raw';
import filePartsText from './scripts/file-parts.sh?raw';
import rootFilesText from './scripts/root-files.sh?raw';

const parts = { 'file-parts.sh': filePartsText };

/**
 * Collects facts about a Pi and changes nothing. Run as `sh -c SCRIPT sh NONCE CONFIG`, where CONFIG is an extra
 * printer.cfg to read, or empty; prints a report for `parseReport`.
 */
export const factsScript = shellScript(factsText, parts);

/**
 * As root: sends files that the user may not read. Run as `sh -c SCRIPT sh NONCE ROOT PATHS...`; prints a report for
 * `parseRootFiles`.
 */
export const rootFilesScript = shellScript(rootFilesText, parts);
