import { describe, expect, it } from 'vitest';
import { localAddress, type LocalSurroundings } from '../../../../main/links/local/local-address.ts';

const linux: LocalSurroundings = {
  platform: 'linux',
  env: { XDG_RUNTIME_DIR: '/run/user/1000' },
  temporaryFolder: '/tmp',
  userId: 1000,
};

describe('the address of a station', () => {
  it('is a socket in the folder that the system gives a user, named by the data folder', () => {
    const { address, folder } = localAddress('/home/ada/.local/share/canopus', linux);
    expect(folder).toBe('/run/user/1000/canopus');
    expect(address).toMatch(/^\/run\/user\/1000\/canopus\/canopus-[0-9a-f]{16}\.sock$/);
    expect(localAddress('/home/ada/other', linux).address).not.toBe(address);
    expect(localAddress('/home/ada/.local/share/canopus', linux).address).toBe(address);
  });

  it('is in a folder of the user below the temporary one where the system gives none', () => {
    const mac = {
      ...linux,
      platform: 'darwin',
      env: {},
      temporaryFolder: '/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/',
      userId: 501,
    } as const;
    const { address, folder } = localAddress('/Users/ada/Library/Application Support/canopus', mac);
    expect(folder).toBe('/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/canopus-501');
    expect(Buffer.byteLength(address)).toBeLessThanOrEqual(103);
    expect(localAddress('/data', { ...linux, env: { XDG_RUNTIME_DIR: 'relative' } }).folder).toBe(
      '/tmp/canopus-1000',
    );
  });

  it('fits into a socket address however long the folders are', () => {
    const long = `/${'long/'.repeat(40)}`;
    const { address, folder } = localAddress('/data', {
      ...linux,
      env: { XDG_RUNTIME_DIR: long },
      temporaryFolder: long,
    });
    expect(folder).toBe('/tmp/canopus-1000');
    expect(Buffer.byteLength(address)).toBeLessThanOrEqual(103);
  });

  it('is a named pipe on Windows, which is in no folder', () => {
    const windows = { platform: 'win32', env: {}, temporaryFolder: 'C:\\Temp', userId: null } as const;
    const { address, folder } = localAddress('C:\\Users\\Ada\\AppData\\Local\\canopus\\Data', windows);
    expect(address).toMatch(/^\\\\\.\\pipe\\canopus-[0-9a-f]{16}$/);
    expect(folder).toBeNull();
  });
});
