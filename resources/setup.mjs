#!/usr/bin/env node
/**
 * What `npm start`, `npm test` and `npm run demo|dev|check|build|bench|dist|screens` run: installs what is missing, builds what is out
 * of date, then does the thing. Uses Node's own modules only, because on a fresh clone there is nothing else yet.
 */
import { ensureBuilt } from './setup/build.mjs';
import { ensureDependencies, ensureNode } from './setup/dependencies.mjs';
import { run } from './setup/processes.mjs';

const [task = '', ...rest] = process.argv.slice(2);

/** @type {Readonly<Record<string, () => Promise<number>>>} */
const tasks = {
  async build() {
    await ensureBuilt(['cli', 'desktop', 'program'], { force: true });
    return 0;
  },
  async demo() {
    await ensureBuilt(['cli']);
    return run(process.execPath, ['out/cli/canopus.js', 'demo', ...rest]);
  },
  async start() {
    await ensureBuilt(['cli', 'desktop']);
    const { startDesktop } = await import('./setup/start.mjs');
    return startDesktop(rest);
  },
  async dev() {
    await ensureBuilt(['cli', 'desktop']);
    const { runDev } = await import('./setup/dev.mjs');
    return runDev(rest);
  },
  async test() {
    await ensureBuilt(['cli', 'desktop', 'program']);
    const { runTests } = await import('./setup/tests.mjs');
    return runTests(rest);
  },
  async 'test:quick'() {
    const { runTests } = await import('./setup/tests.mjs');
    return runTests(rest, { length: 'quick' });
  },
  async 'test:long'() {
    await ensureBuilt(['cli', 'desktop', 'program']);
    const { runTests } = await import('./setup/tests.mjs');
    return runTests(rest, { length: 'long' });
  },
  async check() {
    const { runChecks } = await import('./setup/checks.mjs');
    return (await runChecks({ quick: true })).failed === 0 ? 0 : 1;
  },
  async bench() {
    await ensureBuilt(['cli', 'desktop']);
    const { runBench } = await import('./setup/bench.mjs');
    return runBench(rest);
  },
  async screens() {
    await ensureBuilt(['cli', 'desktop']);
    return run(process.execPath, ['resources/setup/run-script.mjs', 'test/e2e/screens.ts', ...rest]);
  },
  async 'check:packages'() {
    await ensureBuilt(['desktop', 'program']);
    const file = 'test/system/packaging/pack.test.ts';
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'system', file];
    return run(process.execPath, args, { env: { CANOPUS_CHECK_PACKAGES: '1' } });
  },
  async release() {
    await ensureBuilt(['desktop', 'program']);
    const { release } = await import('./setup/release.mjs');
    return release(rest);
  },
  async dist() {
    await ensureBuilt(['desktop', 'program']);
    const { packDesktop } = await import('./setup/dist.mjs');
    return packDesktop(rest);
  },
};

const work = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
if (work === undefined) {
  console.error(`usage: node resources/setup.mjs ${Object.keys(tasks).join('|')} [arguments]`);
  process.exit(2);
}
try {
  ensureNode();
  await ensureDependencies();
  process.exitCode = await work();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
