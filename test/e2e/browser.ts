import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** The system's Chromium; quiet, offline and able to run as root. */
export function launchChromium(): Promise<Browser> {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => existsSync(path),
  );
  if (executablePath === undefined) throw new Error('Chromium is not installed; npm test installs it');
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What a page wrote to its console as an error or threw: there must be none. */
export function collectFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return faults;
}

export interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly faults: string[];
}

/** A browser that was admitted by a link of the station, with its first window. */
export async function openWindow(
  browser: Browser,
  link: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Window> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(link).origin });
  // A virtual board keeps the time of a real one; on a busy computer the browser does not.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const faults = collectFaults(page);
  await page.goto(link);
  await page.waitForURL((url) => url.pathname === '/');
  return { context, page, faults };
}
