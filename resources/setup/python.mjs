#!/usr/bin/env node
/**
 * A check of the source: Python compiles every one of its files, and the parts of the agent that runs on a Pi have no
 * syntax newer than its oldest Python, 3.7. Exit code 77 where there is no Python on this computer.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './processes.mjs';

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.py'], {
  cwd: projectRoot,
  encoding: 'utf8',
});
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(projectRoot, file)));
const program = `
import ast, sys
failed = False
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        text = file.read()
    version = (3, 7) if name.startswith("main/") else None
    try:
        ast.parse(text, name, feature_version=version)
    except SyntaxError as error:
        failed = True
        print(f"{name}:{error.lineno}: {error.msg}")
sys.exit(failed)
`;
const result = spawnSync('python3', ['-c', program, ...files], { cwd: projectRoot, stdio: 'inherit' });
if (result.error !== undefined) {
  console.log(
    `python3 does not start (${result.error.message}): ${files.length} Python files were not checked.`,
  );
  process.exitCode = 77;
} else {
  process.exitCode = result.status ?? 1;
}
