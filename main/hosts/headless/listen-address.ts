import { isIP } from 'node:net';
import { CanopusError } from '../../../app/errors.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const defaultListen = '127.0.0.1:8455';

/**
 * Parses `127.0.0.1:8455`, `[::1]:8455`, `localhost:8455` or a port alone. Names other than localhost are refused: what
 * a name resolves to can change. Throws `usage/invalid`.
 */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:(?:\[(?<v6>[0-9a-f:.]+)\]|(?<host>[^:[\]]+)):)?(?<port>\d{1,5})$/i.exec(text);
  const groups = match?.groups;
  const host = groups?.['v6'] ?? groups?.['host'] ?? '127.0.0.1';
  const port = Number(groups?.['port']);
  if (!groups || port > 65535 || (host !== 'localhost' && isIP(host) === 0)) {
    throw new CanopusError(
      'usage/invalid',
      `"${text}" is not an address to listen on; ${defaultListen} is one.`,
      {
        listen: text,
      },
    );
  }
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}

/** True if only this computer can connect. */
export function isLoopback(host: string): boolean {
  return host === '::1' || /^127\./.test(host);
}

/** `host:port` as in a URL. */
export function urlHost({ host, port }: ListenAddress): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
