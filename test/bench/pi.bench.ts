import { applyPlan } from '../../app/pi/apply.ts';
import { examine } from '../../app/pi/doctor.ts';
import type { PiFacts } from '../../app/pi/facts.ts';
import { defaultWishes } from '../../app/pi/plan-types.ts';
import { makePlan } from '../../app/pi/plan.ts';
import { planView } from '../../app/pi/plan-view.ts';
import { parseConfigFile } from '../../app/printer-config/config-file.ts';
import { decodeConfigText } from '../../app/printer-config/config-text.ts';
import { readConfigTree } from '../../app/printer-config/config-tree.ts';
import { piFacts, printerCfg, seenAs, examinedAs } from '../fixtures/pi-facts.ts';
import { buildPrinterConfigs } from '../fixtures/printer-configs.ts';
import { consent, follow, planFor } from '../system/pi/change-fixture.ts';
import { canLink, startLoopbackPi } from '../system/pi/loopback-pi.ts';
import { startTcpProxy } from '../system/pi/tcp-proxy.ts';
import { duration, median, printTable } from './table.ts';

/** The Pi over a link of a known latency: a real OpenSSH server on a folder that is shaped like a Pi. */

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

interface LinkFigures {
  readonly factsMs: number;
  readonly planAndApplyMs: number;
  readonly steps: number;
}

/** Login is left out: its round trips are those of SSH itself. */
async function overLink(roundTripMs: number): Promise<LinkFigures> {
  await using pi = await startLoopbackPi({ flavour: 'networkd', links: [canLink({ bitrate: 500_000 })] });
  await using proxy = await startTcpProxy(pi.server.port, roundTripMs / 2);
  await using host = await pi.connect({ port: proxy.port });
  const looks: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    looks.push(
      await timed(async () => {
        await host.printers(await host.look());
      }),
    );
  }
  let steps = 0;
  const planAndApplyMs = await timed(async () => {
    const plan = await planFor(host);
    steps = plan.steps.length;
    const { error } = await follow(applyPlan(host, plan, consent()));
    if (error !== null) throw new Error('the plan was not applied', { cause: error });
  });
  return { factsMs: median(looks), planAndApplyMs, steps };
}

const near = await overLink(0);
const far = await overLink(50);
const farther = await overLink(100);

/** Configurations as people have them, one after the other, until they are 2 MB in 20 files. */
function bigTree(): Map<string, Uint8Array> {
  const bodies = buildPrinterConfigs(320).map(
    ({ files }) => files['printer.cfg']?.replaceAll('#*#', '#') ?? '',
  );
  const files = new Map<string, Uint8Array>();
  const size = (2 << 20) / 20;
  let next = 0;
  for (let file = 0; file < 20; file += 1) {
    let text = '';
    while (text.length < size)
      text += `${(bodies[next++ % bodies.length] ?? '').replaceAll('[include', '#[include')}\n`;
    files.set(`/config/part-${file}.cfg`, new TextEncoder().encode(text));
  }
  files.set('/config/printer.cfg', new TextEncoder().encode('[include part-*.cfg]\n'));
  return files;
}

const tree = bigTree();
const bytes = [...tree.values()].reduce((sum, each) => sum + each.length, 0);
const parses = Array.from({ length: 15 }, () => {
  const startMs = performance.now();
  const parsed = [...tree].map(([path, content]) =>
    parseConfigFile(path, decodeConfigText(content).text, path === '/config/printer.cfg'),
  );
  const main = parsed.find(({ path }) => path === '/config/printer.cfg');
  if (main === undefined || readConfigTree(main, parsed).statements.length === 0) throw new Error('not read');
  return performance.now() - startMs;
});

/** One printer.cfg of 30,000 sections, with as many boards on the bus as a bus may have nodes. */
function facts30000(): PiFacts {
  const sections = Array.from(
    { length: 30_000 },
    (_, n) => `[gcode_macro M${n}]\ngcode:\n  G1 X${n} Y1 E1\n`,
  );
  const boards = Array.from(
    { length: 120 },
    (_, n) => `[mcu n${n}]\ncanbus_uuid: ${String(n).padStart(12, '0')}\n`,
  );
  return piFacts({
    files: { [printerCfg]: `[mcu]\nserial: /dev/x\n${[...sections, ...boards].join('\n')}` },
  });
}

function millisecondsOf(work: (facts: PiFacts) => void): number {
  const times = Array.from({ length: 5 }, () => {
    const facts = facts30000();
    const startMs = performance.now();
    work(facts);
    return performance.now() - startMs;
  });
  return median(times);
}

const wishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid: '6beb0175188a' }] };
const planMs = millisecondsOf((facts) => void planView(makePlan(facts, seenAs(facts), wishes)));
const doctorMs = millisecondsOf((facts) => void examine({ facts, printers: examinedAs(facts), wishes }));

printTable('The Pi over SSH (OpenSSH on this machine behind a proxy that delays)', [
  {
    what: 'facts and print state, no latency',
    measured: duration(near.factsMs),
  },
  {
    what: 'the same over a link with 50 ms round trip',
    measured: `${duration(far.factsMs)}, ${((farther.factsMs - near.factsMs) / 100).toFixed(1)} round trips of the link`,
    aim: '3 exchanges',
  },
  {
    what: `plan and apply, ${far.steps} steps, 50 ms round trip`,
    measured: duration(far.planAndApplyMs),
    aim: 'under 2 s',
  },
  {
    what: `plan and apply, ${farther.steps} steps, 50 ms each way`,
    measured: duration(farther.planAndApplyMs),
    aim: 'under 3 s',
  },
  { what: 'plan and apply, no latency', measured: duration(near.planAndApplyMs) },
  {
    what: `printer.cfg of ${(bytes / 1e6).toFixed(1)} MB in ${tree.size} files, parsed (median)`,
    measured: duration(median(parses)),
    aim: 'under 50 ms',
  },
  {
    what: 'plan with its differences, one printer.cfg of 30,000 sections (median)',
    measured: duration(planMs),
    aim: 'under 3 s',
  },
  { what: 'doctor on the same (median)', measured: duration(doctorMs), aim: 'under 3 s' },
]);
