#!/usr/bin/env node
/**
 * A check of the source: ShellCheck reads every shell script (`.shellcheckrc` says how). Exit code 77 where there is no
 * ShellCheck on this computer, as on most that run Windows or macOS.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './processes.mjs';

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.sh'], {
  cwd: projectRoot,
  encoding: 'utf8',
});
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(projectRoot, file)));
const result = spawnSync('shellcheck', files, { cwd: projectRoot, stdio: 'inherit' });
if (result.error !== undefined) {
  console.log(
    `shellcheck does not start (${result.error.message}): ${files.length} shell scripts were not checked.`,
  );
  process.exitCode = 77;
} else {
  process.exitCode = result.status ?? 1;
}
