import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfigFile } from '../../../app/printer-config/config-file.ts';
import { decodeConfigText, encodeConfigText } from '../../../app/printer-config/config-text.ts';
import { readConfigTree, type ConfigTree } from '../../../app/printer-config/config-tree.ts';
import { applyLineEdits } from '../../../app/printer-config/line-edits.ts';
import { editCanbus } from '../../../app/printer-config/set-canbus.ts';
import { configTree } from '../../../app/pi/config-trees.ts';
import { configTroubles } from '../../../app/pi/config-troubles.ts';
import { buildPrinterConfigs } from '../../fixtures/printer-configs.ts';
import { makeFactsFolder } from './facts-folder.ts';
import { wildConfigs, wildMain } from './wild-configs.ts';

const execute = promisify(execFile);
const uuid = '0beb0175188a';

type Sections = Record<string, Record<string, string>>;
type Verdict = { sections: Sections } | { error: string };

/** Whose reader judges, and where its sources are; `plain` is Python's configparser. */
interface Judge {
  readonly kind: 'plain' | 'klipper' | 'kalico';
  readonly tree: string;
}

const plain: Judge = { kind: 'plain', tree: '' };

/**
 * Reads configurations with Klipper's or Kalico's own reader where a tree of it is given, else with Python's
 * configparser set up as Klipper's documentation describes the format (which covers single files).
 */
const judge = `
import sys, json, configparser, io, logging, types
kind, tree = sys.argv[1:]
logging.disable(logging.CRITICAL)
def tables(config):
    return {s: {o: config.get(s, o, raw=True) for o in config.options(s)} for s in config.sections()}
class Printer:
    ready_gcode_handlers = {}
    def __init__(self, path): self.path = path
    def get_start_args(self): return {'config_file': self.path}
    def lookup_object(self, name): return self
    def register_command(self, *args, **kw): pass
if kind == 'klipper':
    sys.path.insert(0, tree + '/klippy')
    import configfile
    def read(path):
        return tables(configfile.ConfigAutoSave(Printer(path)).load_main_config()[0])
elif kind == 'kalico':
    # Its package wants serial ports and numpy; its reader does not.
    for name in ('klippy', 'klippy.extras'):
        package = sys.modules[name] = types.ModuleType(name)
        package.__path__ = [tree + '/' + name.replace('.', '/')]
    from klippy import configfile
    def read(path):
        return tables(configfile.PrinterConfig(Printer(path)).read_main_config().fileconfig)
else:
    def read(path):
        config = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(';', '#'))
        text = open(path, encoding='utf-8').read()
        config.read_file(io.StringIO('\\n'.join(line.split('#')[0] for line in text.split('\\n'))))
        return tables(config)
verdicts = []
for path in json.load(sys.stdin):
    try:
        verdicts.append({'sections': read(path)})
    except Exception as e:
        verdicts.append({'error': str(e)})
json.dump(verdicts, sys.stdout)
`;

async function judged({ kind, tree }: Judge, paths: readonly string[]): Promise<Verdict[]> {
  const run = execute('python3', ['-c', judge, kind, tree], {
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' },
  });
  run.child.stdin?.end(JSON.stringify(paths));
  return JSON.parse((await run).stdout) as Verdict[];
}

async function treeAt(mainPath: string): Promise<ConfigTree> {
  const folder = dirname(mainPath);
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.cfg'))
      .map(async (name) => {
        const path = join(folder, name);
        return parseConfigFile(path, decodeConfigText(await readFile(path)).text, path === mainPath);
      }),
  );
  const main = files.find((file) => file.path === mainPath);
  if (!main) throw new Error(`no ${mainPath}`);
  return readConfigTree(main, files);
}

/** Ours in the judge's shape; the blank lines that configparser keeps inside a value play no part. */
function sectionsOf(tree: ConfigTree): Sections {
  const sections: Sections = {};
  const saved = tree.main.autoSaved?.options ?? [];
  for (const { statement } of tree.statements) {
    if (statement.kind === 'section') sections[statement.section] ??= {};
    if (statement.kind === 'option') (sections[statement.section] ??= {})[statement.name] = statement.value;
  }
  for (const { section, name, value } of saved) (sections[section] ??= {})[name] ??= value;
  return sections;
}

function compact(sections: Sections): Sections {
  const value = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      // Kalico puts the folder in.
      .map((line) => line.replace(/!!include .*\//, '!!include '))
      .join('\n');
  return Object.fromEntries(
    Object.entries(sections).map(([section, options]) => [
      section,
      Object.fromEntries(Object.entries(options).map(([name, text]) => [name, value(text)])),
    ]),
  );
}

async function checkAll(by: Judge, mains: readonly string[], sections: (path: string) => string[]) {
  const before = await judged(by, mains);
  let compared = 0;
  const edits: { path: string; section: string; expected: Sections }[] = [];
  for (const [index, path] of mains.entries()) {
    const tree = await treeAt(path);
    const verdict = before[index];
    if (!verdict || 'error' in verdict) {
      const broken =
        tree.problems.length > 0 || tree.statements.some(({ statement }) => statement.kind === 'problem');
      expect(broken, `${path}: ${verdict?.error ?? ''}`).toBe(true);
      continue;
    }
    compared += 1;
    expect(compact(sectionsOf(tree)), path).toEqual(compact(verdict.sections));
    const section = sections(path)[0] ?? 'mcu';
    const expected = structuredClone(verdict.sections);
    const target = (expected[section] ??= {});
    target['canbus_uuid'] = uuid;
    if (target['canbus_interface'] !== undefined) target['canbus_interface'] = 'can0';
    for (const name of ['serial', 'baud', 'restart_method']) Reflect.deleteProperty(target, name);
    for (const { file, edits: lines } of editCanbus(tree, {
      section,
      canbusUuid: uuid,
      canbusInterface: 'can0',
    })) {
      const { encoding } = decodeConfigText(await readFile(file.path));
      await writeFile(file.path, encodeConfigText({ text: applyLineEdits(file, lines), encoding }));
    }
    edits.push({ path, section, expected });
  }
  const after = await judged(
    by,
    edits.map(({ path }) => path),
  );
  for (const [index, { path, expected }] of edits.entries()) {
    const verdict = after[index];
    if (!verdict || 'error' in verdict) throw new Error(`${path} is broken: ${verdict?.error ?? ''}`);
    expect(compact(verdict.sections), path).toEqual(compact(expected));
  }
  return compared;
}

describe('printer.cfg files, judged by another reader', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canopus-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function writeBuilt(name: string, withIncludes: boolean) {
    const mains: string[] = [];
    const mcus = new Map<string, string[]>();
    for (const config of buildPrinterConfigs(320)) {
      if (
        !withIncludes &&
        Object.values(config.files).some((text) => text.includes('[include') || text.includes('#*#'))
      ) {
        continue;
      }
      const root = join(folder, name, config.name);
      for (const [path, text] of Object.entries(config.files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
      mains.push(join(root, 'printer.cfg'));
      mcus.set(join(root, 'printer.cfg'), config.mcus.toReversed());
    }
    return { mains, sections: (path: string) => mcus.get(path) ?? [] };
  }

  it('read the same with configparser, before and after an edit', async () => {
    const { mains, sections } = await writeBuilt('plain', false);
    expect(await checkAll(plain, mains, sections)).toBeGreaterThan(40);
  });

  const trees = { klipper: process.env['CANOPUS_KLIPPER'], kalico: process.env['CANOPUS_KALICO'] };
  for (const [kind, tree] of Object.entries(trees)) {
    if (tree === undefined) continue;
    const by = { kind: kind as Judge['kind'], tree };

    it(`read the same with the reader of ${kind}, includes and auto-saved blocks too`, async () => {
      const { mains, sections } = await writeBuilt(`whole-${kind}`, true);
      expect(await checkAll(by, mains, sections)).toBe(320);
    });

    it(`read the same for the sample configurations of ${kind}`, async () => {
      const samples = (await readdir(join(tree, 'config'))).filter((name) => name.endsWith('.cfg'));
      const mains = await Promise.all(
        samples.map(async (name) => {
          const root = join(folder, `samples-${kind}`, name);
          await mkdir(root, { recursive: true });
          await writeFile(join(root, 'printer.cfg'), await readFile(join(tree, 'config', name)));
          return join(root, 'printer.cfg');
        }),
      );
      const compared = await checkAll(by, mains, () => ['mcu']);
      process.stdout.write(`${kind}: ${compared} of ${mains.length} sample configurations compared\n`);
      expect(compared).toBeGreaterThan(150);
    });

    it.each(wildConfigs)(
      `is refused, or read the same, by us and by ${kind}: $name`,
      async ({ files, links = {} }) => {
        await using pi = await makeFactsFolder(files);
        if (kind === 'kalico') await pi.write({ '/home/pi/klipper/klippy/extras/danger_options.py': '' });
        for (const [path, target] of Object.entries(links)) await pi.link(path, target);
        const configPath = pi.at(wildMain);
        const facts = await pi.look({ configPath });
        const ours = configTree(facts, configPath);
        if (ours === null) throw new Error('printer.cfg was not read');
        const [verdict] = await judged(by, [configPath]);
        const stops = configTroubles(facts, ours).filter((each) => each.kind === 'stops');
        if (verdict === undefined || 'error' in verdict) expect(stops, verdict?.error).not.toEqual([]);
        else {
          expect(stops).toEqual([]);
          expect(compact(sectionsOf(ours))).toEqual(compact(verdict.sections));
        }
      },
    );
  }
});
