import { loadPresets } from '../../../main/presets.ts';
import { presetSheet } from './preset-sheet.ts';

// `npm run preset-sheet`, or `npm run preset-sheet -- --csv`.
process.stdout.write(presetSheet(await loadPresets(), process.argv.includes('--csv') ? 'csv' : 'markdown'));
