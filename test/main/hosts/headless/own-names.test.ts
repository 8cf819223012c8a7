import { describe, expect, it } from 'vitest';
import { OwnNames } from '../../../../main/hosts/headless/same-site.ts';

/** For DNS:*.lan, DNS:bench.lan and IP:192.168.1.5, made by OpenSSL; its key was thrown away. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBmTCCAUCgAwIBAgIUcriTZ7vGrlfvqNz4L40QD9lfZi4wCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFYmVuY2gwIBcNMjYxMTMwMjIzNTM0WhgPMjEyNjExMDYyMjM1
MzRaMBAxDjAMBgNVBAMMBWJlbmNoMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
MtbTJJw3flFkVsUe7k0p+30GsXWgTzHCn8igu1GfMdSolB/amyKjObR864iWzZhW
ScO3pTioVD8KTqL1y6N5+aN2MHQwHQYDVR0OBBYEFCMFCyoFXxYA2LyXd162Vdp7
VUugMB8GA1UdIwQYMBaAFCMFCyoFXxYA2LyXd162Vdp7VUugMA8GA1UdEwEB/wQF
MAMBAf8wIQYDVR0RBBowGIIFKi5sYW6CCWJlbmNoLmxhbocEwKgBBTAKBggqhkjO
PQQDAgNHADBEAiA8ZTz5yqwLEJ1j7EhQe9g2NmpJWtZFLdRAMRN8DEokigIgCKaG
qNeVpJsYhFpRDFkccSGC1QDcaLcJ3gfs3F7NboU=
-----END CERTIFICATE-----
`;

describe('the name in a link', () => {
  it.each([
    ['0.0.0.0', 'bench.lan'],
    ['::', 'bench.lan'],
    ['192.168.1.5', '192.168.1.5'],
    ['192.168.1.6', 'bench.lan'],
  ])('of a station on %s is one that the certificate is for: %s', (host, name) => {
    const names = new OwnNames({ host, port: 18480 }, certificate);
    expect(names.hostForLinks).toBe(name);
    expect(names.isOwnHost(`${names.hostForLinks}:18480`)).toBe(true);
  });

  it('is the address without a certificate', () => {
    expect(new OwnNames({ host: '127.0.0.1', port: 8455 }, null).hostForLinks).toBe('127.0.0.1');
  });
});
