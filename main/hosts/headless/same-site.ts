import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopback, urlHost, type ListenAddress } from './listen-address.ts';

/**
 * The host names of this station. A page of another site that resolves its own name to this computer (DNS rebinding)
 * shows that name in Host, and its own origin in Origin.
 */
export class OwnNames {
  readonly #scheme: 'http' | 'https';
  readonly #port: number;
  readonly #isOwn: (hostname: string) => boolean;
  /** A name or address for links, under which a browser is served and finds the certificate right. */
  readonly hostForLinks: string;

  /** With a certificate, the names are those in it. */
  constructor(address: ListenAddress, certificate: string | null) {
    this.#scheme = certificate === null ? 'http' : 'https';
    this.#port = address.port;
    const x509 = certificate === null ? null : new X509Certificate(certificate);
    const own = new Set([address.host, ...(isLoopback(address.host) ? ['localhost'] : [])]);
    this.#isOwn = (hostname) => {
      if (x509 === null) return own.has(hostname);
      return (isIP(hostname) === 0 ? x509.checkHost(hostname) : x509.checkIP(hostname)) !== undefined;
    };
    this.hostForLinks = this.#isOwn(address.host) ? address.host : (namesIn(x509)[0] ?? address.host);
  }

  isOwnHost(header: string | undefined): boolean {
    const name = header === undefined ? null : this.#hostname(`${this.#scheme}://${header}`);
    return name !== null && this.#isOwn(name);
  }

  /** The origin must be the exact host that the request was sent to. */
  isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
    return (
      origin !== undefined &&
      host !== undefined &&
      origin.toLowerCase() === `${this.#scheme}://${host.toLowerCase()}`
    );
  }

  #hostname(url: string): string | null {
    if (!URL.canParse(url)) return null;
    const { hostname, port, pathname, username, search, hash } = new URL(url);
    if (pathname !== '/' || username !== '' || search !== '' || hash !== '') return null;
    const defaultPort = this.#scheme === 'http' ? 80 : 443;
    if (Number(port === '' ? defaultPort : port) !== this.#port) return null;
    return hostname.replace(/^\[|\]$/g, '');
  }
}

/** Names of a certificate, then its addresses; a name with a wildcard is none (RFC 9525 section 6.3). */
function namesIn(x509: X509Certificate | null): string[] {
  const entries = (x509?.subjectAltName ?? '').split(', ');
  const of = (kind: string): string[] =>
    entries.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(kind.length));
  return [...of('DNS:').filter((name) => !name.includes('*')), ...of('IP Address:')];
}

/** The station's own address for people. */
export function stationUrl(address: ListenAddress, tls: boolean): string {
  return `${tls ? 'https' : 'http'}://${urlHost(address)}/`;
}
