import { shellScript } from '../../app/transport/shell-script.ts';
import addChangesText from './scripts/add-changes.sh?raw';
import addPlainText from './scripts/add-plain.sh?raw';
import checkoutText from './scripts/checkout.sh?raw';
import fetchText from './scripts/fetch.sh?raw';
import hasText from './scripts/has.sh?raw';
import importText from './scripts/import.sh?raw';
import initText from './scripts/init.sh?raw';
import isFirmwareText from './scripts/is-firmware.sh?raw';
import packText from './scripts/pack.sh?raw';
import pruneTreesText from './scripts/prune-trees.sh?raw';
import resolveText from './scripts/resolve.sh?raw';
import tidyText from './scripts/tidy.sh?raw';
import treeText from './scripts/tree.sh?raw';
import unpackText from './scripts/unpack.sh?raw';

/**
 * The git work on a store, as POSIX scripts, so that each is one round trip on a remote machine; the head of each file
 * lists arguments and exit codes. Layout of a store: `location` (its source), `mirror.git` (bare), `trees/ID` (work
 * trees), `trees/ID.ready` (marks a whole one; its age is the last use).
 */
const storeScript = (text: string) => shellScript(text, { 'tidy.sh': tidyText });

export const initScript = storeScript(initText);
export const importScript = storeScript(importText);
export const isFirmwareScript = storeScript(isFirmwareText);
export const addChangesScript = storeScript(addChangesText);
export const addPlainScript = storeScript(addPlainText);
export const resolveScript = storeScript(resolveText);
export const fetchScript = storeScript(fetchText);
export const treeScript = storeScript(treeText);
export const hasScript = storeScript(hasText);
export const checkoutScript = storeScript(checkoutText);
export const pruneTreesScript = storeScript(pruneTreesText);
export const packScript = storeScript(packText);
export const unpackScript = storeScript(unpackText);

/** $1 folder, $2 commit: its tree id. */
export const commitTreeScript = 'git -C "$1" rev-parse --verify "$2^{tree}"';
/** $1 store, $2 commit. */
export const countScript = 'git -C "$1/mirror.git" rev-list --count "$2"';
/** $1 store, $2 commit, $3 digits. */
export const describeScript = 'git -C "$1/mirror.git" describe --always --tags --long --abbrev="$3" "$2"';
