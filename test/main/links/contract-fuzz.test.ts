import { expect, it } from 'vitest';
import { memoryLinkPair } from '../../../app/contract/memory-link.ts';
import { serveContract } from '../../../app/contract/server.ts';
import { stationContract } from '../../../app/contract/station-contract.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { CanopusError } from '../../../app/errors.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { cases } from '../../counts.ts';
import { Random } from '../../fixtures/random.ts';
import { quietHandlers } from '../../renderer/quiet-handlers.ts';

/** Frames: all of them in the long run. */
const full = cases(50_000) === 50_000 ? 50_000 : 1_500;

const names = Object.keys(stationContract) as (keyof typeof stationContract)[];

const hostileTexts = [
  ...[
    '',
    '../../etc/passwd',
    '/etc/shadow',
    'C:\\Windows\\win.ini',
    '__proto__',
    'constructor',
    '\0',
    '\x1b]0;PWN\x07',
  ],
  ...['$(touch /tmp/canary)', '`id`', '; rm -rf /', 'ext::sh -c id', '--upload-pack=id', '-oProxyCommand=id'],
  ...['\ud800', '\u202e', 'x'.repeat(5000), 'usb:1-1', 'btt-octopus', 'f446', '{"__proto__":{"polluted":1}}'],
];
const hostileNumbers = [0, -1, 1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 0.1, 8_000_000];

/** The part of a schema of zod by which a value of about its shape can be made. */
interface Shape {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly shape?: Readonly<Record<string, Shape>>;
      readonly element?: Shape;
      readonly innerType?: Shape;
      readonly valueType?: Shape;
      readonly options?: readonly Shape[];
      readonly entries?: Readonly<Record<string, unknown>>;
      readonly values?: readonly unknown[];
    };
  };
}

const random = new Random(20_261_130);

function anything(depth = 0): unknown {
  switch (random.below(depth > 3 ? 5 : 7)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return random.pick(hostileNumbers);
    case 3:
    case 4:
      return random.pick(hostileTexts);
    case 5:
      return Array.from({ length: random.below(4) }, () => anything(depth + 1));
    default:
      return JSON.parse(
        `{${JSON.stringify(random.pick(hostileTexts))}:${JSON.stringify(anything(depth + 1))}}`,
      );
  }
}

/** A value of the shape of a schema with hostile parts, so that it gets as far as it can. */
function like({ _zod: { def } }: Shape): unknown {
  if (random.below(12) === 0) return anything();
  switch (def.type) {
    case 'object': {
      const made = Object.entries(def.shape ?? {}).map(([key, field]): [string, unknown] => [
        key,
        like(field),
      ]);
      if (random.below(20) === 0) made.push([random.pick(hostileTexts), anything()]);
      return Object.fromEntries(made);
    }
    case 'string':
      return random.pick(hostileTexts);
    case 'number':
    case 'int':
      return random.pick(hostileNumbers);
    case 'boolean':
      return random.below(2) === 0;
    case 'null':
      return null;
    case 'literal':
      return random.pick(def.values ?? [null]);
    case 'enum':
      return random.pick(Object.values(def.entries ?? { none: null }));
    case 'array':
      return Array.from({ length: random.below(4) }, () => (def.element ? like(def.element) : anything()));
    case 'record':
      return def.valueType ? { [random.pick(hostileTexts)]: like(def.valueType) } : {};
    case 'union':
      return def.options ? like(random.pick(def.options)) : anything();
    default:
      return def.innerType ? like(def.innerType) : anything();
  }
}

function frame(id: number): string {
  const name = random.below(30) === 0 ? random.pick(hostileTexts).slice(0, 90) : random.pick(names);
  const known = names.find((one) => one === name);
  const input = known === undefined ? anything() : like(stationContract[known].input);
  return JSON.stringify({ type: 'ask', id, name, input, credit: random.below(3), after: random.below(2) });
}

/** What ends a link: no frame at all. */
const brokenTexts = [
  '',
  '{',
  '[]',
  '[['.repeat(50_000),
  'null',
  '{"type":"ask","id":1e999}',
  '{"type":"stop","id":0}',
  '\0',
];

it(
  'refuses or takes whatever a page sends, by a code, and nothing else happens',
  { timeout: 300_000 },
  async () => {
    const internal: unknown[] = [];
    const codes = new Map<string, number>();
    let taken = 0;
    const take = (): Promise<never> => {
      taken += 1;
      return Promise.reject(new CanopusError('cancelled', 'It was taken.'));
    };
    const calls = names.filter((name) => stationContract[name].kind === 'call');
    const handlers = quietHandlers(Object.fromEntries(calls.map((name) => [name, take])));
    /** A page on a link of its own, as long as the station keeps it. */
    const open = (): { link: TextLink; isClosed: () => boolean; replies: Map<number, string> } => {
      const [own, other] = memoryLinkPair();
      serveContract(stationContract, handlers, other, {
        clock: systemClock,
        limits: { asksPerSecond: 1e9, textsPerSecond: 1e9, maxOpenAsks: 1e9 },
        onInternalError: (error) => {
          internal.push(error);
          return 'log';
        },
      });
      let closed = false;
      const replies = new Map<number, string>();
      own.open({
        closed: () => (closed = true),
        text: (text) => {
          const reply = JSON.parse(text) as {
            type: string;
            id: number;
            error?: { code: string; details: unknown };
          };
          if (reply.type === 'next') return;
          expect(replies.has(reply.id), 'one end for each ask').toBe(false);
          replies.set(reply.id, reply.error?.code ?? 'done');
        },
      });
      return { link: own, isClosed: () => closed, replies };
    };
    let page = open();
    let id = 0;
    for (let sent = 0; sent < full; sent++) {
      if (page.isClosed() || id > 500) {
        page.link.close('over');
        [page, id] = [open(), 0];
      }
      if (random.below(50) === 0) {
        page.link.send(random.pick(brokenTexts));
        await turn();
        expect(page.isClosed()).toBe(true);
        continue;
      }
      id += 1;
      page.link.send(frame(id));
      if (sent % 20 === 0) await turn();
      const code = page.replies.get(id - 20);
      if (code !== undefined) codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(internal).toEqual([]);
    expect([...codes.keys()].filter((code) => code === 'internal')).toEqual([]);
    // Many get past the schema: the test would show nothing otherwise.
    expect(taken).toBeGreaterThan(full / 50);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  },
);

/** Everything that was sent has arrived, and what it caused has been sent. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
