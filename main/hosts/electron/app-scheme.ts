import type { RendererFiles } from '../renderer-files.ts';
import { securityHeaders } from '../security-headers.ts';
import type { DesktopApi } from './electron-api.ts';

const scheme = 'canopus';
export const startUrl = `${scheme}://app/`;

/** Before the app is ready. A standard scheme has an origin; the content security policy decides what it may load. */
export function registerScheme(protocol: DesktopApi['protocol']): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built renderer under `canopus://app/`, by exact name; everything else is "not found". */
export function serveScheme(protocol: DesktopApi['protocol'], files: RendererFiles): void {
  protocol.handle(scheme, ({ url, method }) => {
    const { host, pathname } = new URL(url);
    const file = files.get(pathname === '/' ? '/index.html' : pathname);
    if (host !== 'app' || method !== 'GET' || file === undefined) {
      return new Response(null, { status: 404, headers: securityHeaders });
    }
    return new Response(Uint8Array.from(file.bytes), {
      headers: { ...securityHeaders, 'content-type': file.contentType },
    });
  });
}

/** True for a page of this app. */
export function isOwnUrl(url: string): boolean {
  return URL.canParse(url) && url.startsWith(startUrl);
}
