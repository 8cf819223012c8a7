import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { projectRoot } from './processes.mjs';

/**
 * Runs every bench script one after the other and prints their tables; `--write` puts them into docs/bench.md.
 * `--only NAME` runs one. All other arguments go to the scripts (`--klipper DIR`, `--katapult DIR`).
 *
 * @param {readonly string[]} args
 */
export async function runBench(args) {
  await ensurePackages();
  const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : null;
  const scripts = readdirSync(join(projectRoot, 'test', 'bench')).filter((name) =>
    name.endsWith('.bench.ts'),
  );
  const tables = [];
  const [loadBefore = 0] = loadavg();
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
    writeFileSync(join(projectRoot, 'docs', 'bench.md'), `${heading(loadBefore)}\n${tables.join('\n\n')}\n`);
  }
  return code;
}

/**
 * What the figures were measured on, and how busy that was before.
 *
 * @param {number} loadBefore
 */
function heading(loadBefore) {
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `# Measured

By \`npm run bench -- --write\` on ${day}, all figures in one sitting on one machine: ${cpus().length} processors
(${cpus()[0]?.model ?? 'unknown'}), ${memoryGiB} GiB, ${process.platform} ${release()}, Node ${process.versions.node};
its load before the run was ${loadBefore.toFixed(1)}. Boards are virtual, with the durations of their datasheets; no
physical board was measured. "The guest" is a Linux in QEMU with an emulated processor, which makes the start of any
program slow: figures in brackets leave the start out. An aim that was missed says so.
`;
}
