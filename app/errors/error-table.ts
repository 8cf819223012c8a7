import { backupErrors } from './backup.ts';
import { benchErrors } from './bench.ts';
import { buildErrors } from './build.ts';
import { cacheErrors } from './cache.ts';
import { canErrors } from './can.ts';
import { cardErrors } from './card.ts';
import { uartErrors } from './uart.ts';
import { chipErrors } from './chip.ts';
import { configErrors } from './config.ts';
import { contractErrors } from './contract.ts';
import { deviceErrors } from './device.ts';
import { dfuErrors } from './dfu.ts';
import { fileErrors } from './file.ts';
import { generalErrors } from './general.ts';
import { historyErrors } from './history.ts';
import { identityErrors } from './identity.ts';
import { imageErrors } from './image.ts';
import { katapultErrors } from './katapult.ts';
import { linkErrors } from './link.ts';
import { picobootErrors } from './picoboot.ts';
import { piErrors } from './pi.ts';
import { presetErrors } from './preset.ts';
import { printerErrors } from './printer.ts';
import { reachErrors } from './reach.ts';
import { recipeErrors } from './recipe.ts';
import { rescueErrors } from './rescue.ts';
import { shellErrors } from './shell.ts';
import { sourceErrors } from './source.ts';
import { sshErrors } from './ssh.ts';
import { toolchainErrors } from './toolchain.ts';
import { uf2Errors } from './uf2.ts';
import { updateErrors } from './update.ts';
import { workErrors } from './work.ts';
import type { ErrorRow } from './error-row.ts';

/** Every failure the station can name; one row each, in the file of its area. The list is closed. */
export const errorTable = {
  ...linkErrors,
  ...deviceErrors,
  ...dfuErrors,
  ...picobootErrors,
  ...backupErrors,
  ...katapultErrors,
  ...canErrors,
  ...uartErrors,
  ...cardErrors,
  ...uf2Errors,
  ...chipErrors,
  ...imageErrors,
  ...presetErrors,
  ...identityErrors,
  ...rescueErrors,
  ...benchErrors,
  ...recipeErrors,
  ...sourceErrors,
  ...toolchainErrors,
  ...buildErrors,
  ...cacheErrors,
  ...shellErrors,
  ...contractErrors,
  ...workErrors,
  ...updateErrors,
  ...historyErrors,
  ...sshErrors,
  ...piErrors,
  ...printerErrors,
  ...reachErrors,
  ...configErrors,
  ...fileErrors,
  ...generalErrors,
} satisfies Readonly<Record<string, ErrorRow>>;
