import { shellScript } from '../transport/shell-script.ts';
import applyFileText from './scripts/apply-file.sh?raw';
import beginText from './scripts/begin.sh?raw';
import commandText from './scripts/command.sh?raw';
import contentsText from './scripts/contents.sh?raw';
import finishText from './scripts/finish.sh?raw';
import commonText from './scripts/step-common.sh?raw';
import undoFileText from './scripts/undo-file.sh?raw';
import watchText from './scripts/watch.sh?raw';

/** Exit codes of the scripts below; far from what sh, sudo and coreutils answer. */
export const stepExit = {
  changed: 91,
  stagedDamaged: 92,
  diskFull: 93,
  readOnly: 94,
  failed: 95,
  open: 96,
  backupDamaged: 97,
} as const;

/** First thing each script prints: where it is missing, sudo refused and nothing ran. */
export const startedWord = 'canopus-started';

/** Where journals are, below the home of the user who logs in. */
export const plansFolder = '.local/state/canopus/plans';

/** Arguments, standard input and exit codes of the steps stand at the head of each file. */
const step = (text: string) => shellScript(text, { 'step-common.sh': commonText });

export const beginScript = step(beginText);
export const applyFileScript = step(applyFileText);
export const undoFileScript = step(undoFileText);
export const finishScript = step(finishText);
export const commandScript = step(commandText);
export const contentsScript = step(contentsText);
export const watchScript = step(watchText);
