import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { LocalShell } from '../../../main/shell/local-shell.ts';
import { shellConformance } from '../../conformance/shell.ts';

const folders: string[] = [];

shellConformance('this computer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-shell-'));
  folders.push(folder);
  return { shell: new LocalShell(), folder };
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});
