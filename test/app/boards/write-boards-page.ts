import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadPresets } from '../../../main/presets.ts';
import { pageWithBoards } from './boards-page.ts';

/** `npm run docs`: the boards in docs/boards.md, from the presets as they are. */
const path = resolve('docs/boards.md');
await writeFile(path, pageWithBoards(await readFile(path, 'utf8'), await loadPresets()));
