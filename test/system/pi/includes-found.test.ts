import { mkdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { configTree } from '../../../app/pi/config-trees.ts';
import { configTroubles } from '../../../app/pi/config-troubles.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { makePlan } from '../../../app/pi/plan.ts';
import { optionsOf, optionValue } from '../../../app/printer-config/config-tree.ts';
import { makeFactsFolder, type FactsFolder } from './facts-folder.ts';

let pi: FactsFolder;
afterEach(() => pi[Symbol.asyncDispose]());

const folder = '/home/pi/printer_data/config';
const cfg = `${folder}/printer.cfg`;
const canbusUuid = '0beb0175188a';

async function looked(shell: readonly string[] = ['sh']) {
  const facts = await pi.look({ shell });
  const tree = configTree(facts, pi.at(cfg));
  if (tree === null) throw new Error('printer.cfg was not read');
  const plan = makePlan(facts, [], { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid }] });
  const files = plan.steps.flatMap((step) =>
    step.kind === 'file' && !step.path.includes('/etc/') ? [step] : [],
  );
  return {
    facts,
    tree,
    plan,
    files,
    troubles: configTroubles(facts, tree).map(({ kind, text }) => `${kind}: ${text}`),
  };
}

describe.each([[['sh']], [['busybox', 'sh']]])('includes, followed with %j', (shell) => {
  it('go through links as the system does: ".." is behind the link', async () => {
    pi = await makeFactsFolder({
      '/home/pi/cfgrepo/printer/printer.cfg': '[include ../shared/mcu.cfg]\n[printer]\n',
      '/home/pi/cfgrepo/shared/mcu.cfg': '[mcu]\nserial: /dev/x\n',
    });
    await pi.link(folder, '../cfgrepo/printer');
    const { troubles, files } = await looked(shell);
    expect(troubles).toEqual([]);
    expect(files.map(({ path }) => path)).toEqual([pi.at('/home/pi/cfgrepo/shared/mcu.cfg')]);
    expect(new TextDecoder().decode(files[0]?.after ?? undefined)).toBe(
      `[mcu]\n#serial: /dev/x\ncanbus_uuid: ${canbusUuid}\n`,
    );
  });

  it('may lead out of the folder, to files and by wildcards', async () => {
    pi = await makeFactsFolder({
      [cfg]: '[include ../../shared/*.cfg]\n[include ./parts//a.cfg]\n',
      '/home/pi/shared/mcu.cfg': '[mcu]\nserial: /dev/x\n',
      [`${folder}/parts/a.cfg`]: '[printer]\nkinematics: none\n',
    });
    const { tree, troubles } = await looked(shell);
    expect(troubles).toEqual([]);
    expect([optionValue(tree, 'mcu', 'serial'), optionValue(tree, 'printer', 'kinematics')]).toEqual([
      '/dev/x',
      'none',
    ]);
  });

  it('by two names are one file, which is edited once', async () => {
    pi = await makeFactsFolder({
      [cfg]: '[include mcu.cfg]\n[include link.cfg]\n[include ../config/mcu.cfg]\n',
      [`${folder}/mcu.cfg`]: '[mcu]\nserial: /dev/x\n',
    });
    await pi.link(`${folder}/link.cfg`, 'mcu.cfg');
    const { tree, files } = await looked(shell);
    expect(optionsOf(tree, 'mcu', 'serial')).toHaveLength(3);
    expect(files).toHaveLength(1);
    expect(new TextDecoder().decode(files[0]?.after ?? undefined)).toBe(
      `[mcu]\n#serial: /dev/x\ncanbus_uuid: ${canbusUuid}\n`,
    );
  });

  it('that lead back are named, by whatever name', async () => {
    pi = await makeFactsFolder({
      [cfg]: '[include ../config/a.cfg]\n[mcu]\nserial: x\n',
      [`${folder}/a.cfg`]: '[include ../config/../config/printer.cfg]\n',
    });
    expect((await looked(shell)).troubles).toEqual([
      expect.stringMatching(/^stops: .*a\.cfg, line 1: .*includes itself/),
    ]);
  });

  it('with ** are recursive for Kalico only', async () => {
    const files = {
      [cfg]: '[include parts/**/*.cfg]\n',
      [`${folder}/parts/top.cfg`]: '[top]\n',
      [`${folder}/parts/a/one.cfg`]: '[mcu]\nserial: one\n',
      [`${folder}/parts/a/b/two.cfg`]: '[two]\n',
      [`${folder}/parts/.hidden/three.cfg`]: '[three]\n',
      '/home/pi/klipper/klippy/klippy.py': '',
    };
    pi = await makeFactsFolder(files);
    const namesIn = async () => {
      const { facts, tree } = await looked(shell);
      return [
        facts.hostSoftware,
        ...tree.files
          .slice(1)
          .map(({ path }) => path.slice(pi.at(folder).length + 7))
          .sort(),
      ];
    };
    expect(await namesIn()).toEqual(['klipper', 'a/one.cfg']);
    await pi.write({ '/home/pi/klipper/klippy/extras/danger_options.py': '' });
    expect(await namesIn()).toEqual(['kalico', 'a/b/two.cfg', 'a/one.cfg', 'top.cfg']);
  });

  it('of folders and dangling links stop Klipper, and are named', async () => {
    pi = await makeFactsFolder({
      [cfg]:
        '[mcu]\nserial: x\n[include parts/*]\n[include gone.cfg]\n[include none.cfg]\n[include nothing*.cfg]\n',
      [`${folder}/parts/a.cfg`]: '',
    });
    await mkdir(pi.at(`${folder}/parts/sub`));
    await pi.link(`${folder}/gone.cfg`, '/nowhere');
    const { troubles } = await looked(shell);
    expect(troubles.map((text) => text.replaceAll(pi.at(folder), ''))).toEqual([
      'stops: /printer.cfg, line 3: [include parts/*] matches a folder, which Klipper cannot read as a file (/parts/sub)',
      'stops: /printer.cfg, line 4: [include gone.cfg] names a link to a missing file (/gone.cfg)',
      'stops: /printer.cfg, line 5: [include none.cfg] names a missing file (/none.cfg)',
    ]);
  });
});

describe('a configuration in a git work tree', () => {
  it('is edited with a note, and its backup is kept beside the journal', async () => {
    pi = await makeFactsFolder({
      [cfg]: '[include RatOS/boards/o.cfg]\n',
      [`${folder}/RatOS/.git/HEAD`]: '',
      [`${folder}/RatOS/boards/o.cfg`]: '[mcu]\nserial: x\n',
    });
    const { facts, plan, files } = await looked();
    expect(facts.gitTrees).toEqual([pi.at(`${folder}/RatOS`)]);
    expect(files).toMatchObject([{ backupPlace: 'journal' }]);
    expect(plan.notes.map(({ text }) => text).join('\n')).toContain(
      `is in the git work tree ${pi.at(folder)}/RatOS`,
    );
  });

  it('is nothing special where only its neighbour is in one', async () => {
    pi = await makeFactsFolder({ [cfg]: '[mcu]\nserial: x\n', [`${folder}/RatOS/.git`]: 'gitdir: x\n' });
    expect((await looked()).files).toMatchObject([{ backupPlace: 'beside' }]);
  });
});
