import { shellScript } from '../transport/shell-script.ts';
import applyFileText from './scripts/apply-file.sh?raw';
import beginText from './scripts/begin.sh?raw';
import commandText from './scripts/command.sh?raw';
import contentsText from './scripts/contents.sh?raw';
import keepText from './scripts/keep.sh?raw';
import finishText from './scripts/finish.sh?raw';
import commonText from './scripts/step-common.sh?raw';
import undoFileText from './scripts/undo-file.sh?raw';
import watchText from './scripts/watch.sh?raw';

/** Exit codes of the scripts below, distinct from those of sh, sudo and coreutils. */
export const stepExit = {
  changed: 91,
  stagedDamaged: 92,
  diskFull: 93,
  readOnly: 94,
  failed: 95,
  open: 96,
  backupDamaged: 97,
} as const;

/** The first line that each script prints: without it, sudo refused and nothing ran. */
export const startedWord = 'canopus-started';

/** The folder of journals, below the home of the user who logs in. */
export const plansFolder = '.local/state/canopus/plans';

/** The head of each file documents the arguments, standard input and exit codes of a step. */
const step = (text: string) => shellScript(text, { 'step-common.sh': commonText });

export const beginScript = step(beginText);
export const applyFileScript = step(applyFileText);
export const undoFileScript = step(undoFileText);
export const finishScript = step(finishText);
export const keepScript = step(keepText);
export const commandScript = step(commandText);
export const contentsScript = step(contentsText);
export const watchScript = step(watchText);
