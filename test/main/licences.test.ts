import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLicences } from '../../main/licences.ts';

const one = { name: 'zod', version: '4.6.7', licence: 'MIT', text: 'MIT License ...' };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'canopus-licences-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the licences of what others made', () => {
  it('are beside the program in a package, and where a build leaves them in a checkout', async () => {
    const resources = join(root, 'resources');
    await mkdir(resources);
    expect(await readLicences(resources)).toBeNull();
    await mkdir(join(root, 'out', 'notices'), { recursive: true });
    await writeFile(join(root, 'out', 'notices', 'notices.json'), JSON.stringify([one]));
    expect(await readLicences(resources)).toEqual([one]);
    await writeFile(join(resources, 'notices.json'), '[]');
    expect(await readLicences(resources)).toEqual([]);
  });
});

describe('the check of licences', () => {
  // Checked by the compiler with the other scripts of resources/, which the tests cannot see.
  const script: string = fileURLToPath(new URL('../../resources/setup/licences.mjs', import.meta.url));
  const problems = async (components: object[], listed: object): Promise<readonly string[]> => {
    const { licenceProblems } = (await import(script)) as {
      licenceProblems: (components: object[], listed: object) => readonly string[];
    };
    return licenceProblems(components, listed);
  };

  it('finds nothing if everything is listed and permissive', async () => {
    expect(await problems([one], { zod: 'MIT' })).toEqual([]);
    const libusb = { name: 'libusb', licence: 'LGPL-2.1-or-later' };
    expect(await problems([libusb], { libusb: 'LGPL-2.1-or-later' })).toEqual([]);
  });

  it.each([
    ['an unlisted package', [one], {}, 'zod (MIT) is not listed.'],
    ['a package that has gone', [], { zod: 'MIT' }, 'zod is listed and is in no package.'],
    ['another licence', [{ ...one, licence: 'ISC' }], { zod: 'MIT' }, 'zod is listed as MIT and is ISC.'],
    ['the GPL, listed or not', [{ ...one, licence: 'GPL-3.0' }], { zod: 'GPL-3.0' }, 'GPL-3.0 of zod is not'],
    [
      'the LGPL of another',
      [{ ...one, licence: 'LGPL-2.1-or-later' }],
      { zod: 'LGPL-2.1-or-later' },
      'is not among',
    ],
    ['none', [{ ...one, licence: '' }], { zod: '' }, 'No licence of zod'],
  ])('finds %s', async (_, components, listed, sentence) => {
    expect((await problems(components, listed)).join(' ')).toContain(sentence);
  });
});
