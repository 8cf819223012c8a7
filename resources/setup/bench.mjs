import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { projectRoot } from './processes.mjs';

/**
 * Runs every bench script one after the other and prints their tables; `--write` puts them into docs/bench.md.
 * `--only NAME` runs one. All other arguments go to the scripts (`--klipper DIR`, `--katapult DIR`).
 */
export async function runBench(args) {
  await ensurePackages();
  const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : null;
  const scripts = readdirSync(join(projectRoot, 'test', 'bench')).filter((name) =>
    name.endsWith('.bench.ts'),
  );
  const tables = [];
  let code = 0;
  for (const script of scripts.sort()) {
    if (only !== null && script !== `${only}.bench.ts`) continue;
    const program = ['--expose-gc', 'resources/setup/run-script.mjs', join('test', 'bench', script), ...args];
    const result = spawnSync(process.execPath, program, {
      cwd: projectRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 64 * 1024 * 1024,
    });
    process.stdout.write(result.stdout);
    tables.push(result.stdout.trim());
    if (result.status !== 0) {
      console.error(`${script} failed (exit code ${String(result.status)}).`);
      code = 1;
    }
  }
  if (args.includes('--write') && code === 0) {
    const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
    const head = `# Measured\n\nBy \`npm run bench -- --write\`, all figures in one run on one machine (${machine}).\n`;
    writeFileSync(join(projectRoot, 'docs', 'bench.md'), `${head}\n${tables.join('\n\n')}\n`);
  }
  return code;
}
