import type { RendererFiles } from '../renderer-files.ts';
import { securityHeaders } from '../security-headers.ts';
import { rendererOrigin } from './lock-down.ts';

/** Answers the renderer's own scheme from what was built, by exact name: there is no path to walk out of. */
export function serveFile(
  files: RendererFiles,
  request: { readonly url: string; readonly method: string },
): Response {
  const url = new URL(request.url);
  const path = url.pathname === '/' ? '/index.html' : url.pathname;
  const isOurs = url.href.startsWith(`${rendererOrigin}/`) && request.method === 'GET';
  const file = isOurs ? files.get(path) : undefined;
  if (file === undefined) return new Response(null, { status: 404, headers: securityHeaders });
  return new Response(Uint8Array.from(file.bytes), {
    headers: { ...securityHeaders, 'content-type': file.contentType },
  });
}
