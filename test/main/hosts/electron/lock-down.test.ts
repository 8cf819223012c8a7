import { describe, expect, it } from 'vitest';
import {
  lockContents,
  lockSession,
  rendererOrigin,
  windowOptions,
} from '../../../../main/hosts/electron/lock-down.ts';
import { serveFile } from '../../../../main/hosts/electron/serve-files.ts';
import type { RendererFiles } from '../../../../main/hosts/renderer-files.ts';

/** Takes handlers as Electron's objects do, and lets a test call them. */
class Recorder {
  readonly handlers = new Map<string, (...args: never[]) => unknown>();
  on(name: string, handler: (...args: never[]) => unknown): this {
    this.handlers.set(name, handler);
    return this;
  }
  setWindowOpenHandler(handler: (...args: never[]) => unknown): void {
    this.handlers.set('window-open', handler);
  }
  setPermissionRequestHandler(handler: (...args: never[]) => unknown): void {
    this.handlers.set('permission-request', handler);
  }
  setPermissionCheckHandler(handler: (...args: never[]) => unknown): void {
    this.handlers.set('permission-check', handler);
  }
  setDevicePermissionHandler(handler: (...args: never[]) => unknown): void {
    this.handlers.set('device-permission', handler);
  }
  call(name: string, ...args: unknown[]): unknown {
    return this.handlers.get(name)?.(...(args as never[]));
  }
  isPrevented(name: string): boolean {
    let prevented = false;
    this.call(name, { preventDefault: () => (prevented = true) });
    return prevented;
  }
}

describe('the window', () => {
  it('runs sandboxed, isolated and without Node', () => {
    expect(windowOptions('/preload.cjs').webPreferences).toMatchObject({
      preload: '/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
    });
  });

  it('neither navigates nor opens windows nor embeds pages', () => {
    const contents = new Recorder();
    lockContents(contents as never);
    expect(contents.call('window-open', { url: 'https://example.org' })).toEqual({ action: 'deny' });
    expect(contents.isPrevented('will-navigate')).toBe(true);
    expect(contents.isPrevented('will-attach-webview')).toBe(true);
  });

  it('gets no permission, no device and no download', () => {
    const session = new Recorder();
    lockSession(session as never);
    let granted: unknown = null;
    session.call('permission-request', null, 'usb', (answer: unknown) => (granted = answer));
    expect(granted).toBe(false);
    expect(session.call('permission-check')).toBe(false);
    expect(session.call('device-permission')).toBe(false);
    expect(session.isPrevented('will-download')).toBe(true);
  });
});

describe('the renderer scheme', () => {
  const file = {
    bytes: new TextEncoder().encode('<!doctype html>'),
    contentType: 'text/html',
    immutable: false,
  };
  const files: RendererFiles = new Map([['/index.html', file]]);
  const get = (url: string, method = 'GET'): Response => serveFile(files, { url, method });

  it('serves what was built, with the content security policy', async () => {
    const response = get(`${rendererOrigin}/`);
    expect(await response.text()).toBe('<!doctype html>');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it.each([
    `${rendererOrigin}/../package.json`,
    `${rendererOrigin}/%2e%2e/package.json`,
    `${rendererOrigin}/etc/passwd`,
    'canopus://elsewhere/index.html',
  ])('answers 404 for %s', (url) => {
    expect(get(url).status).toBe(404);
  });

  it('takes no other method', () => {
    expect(get(`${rendererOrigin}/`, 'POST').status).toBe(404);
  });
});
