import { chmod } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { moonrakerAddress } from '../../../app/pi/printers.ts';
import { makeFactsFolder, type FactsFolder } from './facts-folder.ts';

let pi: FactsFolder;
afterEach(() => pi[Symbol.asyncDispose]());

const mcu = '[mcu]\nserial: x\n[printer]\nkinematics: none\n';
const python = '/home/pi/klippy-env/bin/python';

/** An instance as KIAUH sets it up, with its units. */
function instance(number: number, user = 'pi'): Record<string, string> {
  const data = `AT/home/${user}/printer_${number}_data`;
  const plain = `/home/${user}/printer_${number}_data`;
  return {
    [`${plain}/config/printer.cfg`]: mcu,
    [`${plain}/config/moonraker.conf`]: `[server]\nhost: 0.0.0.0\nport: ${7124 + number}\nklippy_uds_address: ${data}/comms/klippy.sock\n`,
    [`${plain}/systemd/klipper.env`]: `KLIPPER_ARGS="AT/home/${user}/klipper/klippy/klippy.py ${data}/config/printer.cfg -I ${data}/comms/klippy.serial -l ${data}/logs/klippy.log -a ${data}/comms/klippy.sock"\n`,
    [`${plain}/systemd/moonraker.env`]: `MOONRAKER_ARGS="AT/home/${user}/moonraker/moonraker/moonraker.py -d ${data}"\n`,
    [`/etc/systemd/system/klipper-${number}.service`]: `[Unit]\nDescription=Klipper\n[Service]\nUser=${user}\nEnvironmentFile=${data}/systemd/klipper.env\nExecStart=${python} $KLIPPER_ARGS\n`,
    [`/etc/systemd/system/moonraker-${number}.service`]: `[Service]\nEnvironmentFile=${data}/systemd/moonraker.env\nExecStart=/home/${user}/moonraker-env/bin/python $MOONRAKER_ARGS\n`,
  };
}

async function runs(number: number): Promise<void> {
  const data = pi.at(`/home/pi/printer_${number}_data`);
  const klippy = [python, pi.at('/home/pi/klipper/klippy/klippy.py'), `${data}/config/printer.cfg`];
  await pi.process(100 + number, [...klippy, '-a', `${data}/comms/klippy.sock`], `klipper-${number}.service`);
  const moonraker = ['/home/pi/moonraker-env/bin/python', '/home/pi/moonraker/moonraker/moonraker.py'];
  await pi.process(200 + number, [...moonraker, '-d', data], `moonraker-${number}.service`);
}

describe.each([[['sh']], [['busybox', 'sh']]])('printers, found with %j', (shell) => {
  it('are those that run, each with its own Moonraker', async () => {
    pi = await makeFactsFolder({ ...instance(1), ...instance(2) });
    await runs(1);
    await runs(2);
    const { printers, moonrakers } = await pi.look({ shell });
    expect(
      printers.map(({ name, pid, unit, moonraker }) => [name, pid, unit, moonraker?.port, moonraker?.pid]),
    ).toEqual([
      ['printer_1', 101, 'klipper-1.service', 7125, 201],
      ['printer_2', 102, 'klipper-2.service', 7126, 202],
    ]);
    expect(printers.map(({ dataPath }) => dataPath)).toEqual(
      [1, 2].map((n) => pi.at(`/home/pi/printer_${n}_data`)),
    );
    expect(moonrakers).toHaveLength(2);
  });

  it('are those that are stopped, too, by their units', async () => {
    pi = await makeFactsFolder({ ...instance(1), ...instance(2) });
    await runs(2);
    const { printers, files } = await pi.look({ shell });
    expect(printers.map(({ name, pid, unit }) => [name, pid, unit])).toEqual([
      ['printer_2', 102, 'klipper-2.service'],
      ['printer_1', null, 'klipper-1.service'],
    ]);
    expect(printers[1]).toMatchObject({
      apiSocket: pi.at('/home/pi/printer_1_data/comms/klippy.sock'),
      moonraker: { port: 7125, pid: null, unit: 'moonraker-1.service' },
    });
    expect(files.has(pi.at('/home/pi/printer_1_data/config/printer.cfg'))).toBe(true);
  });

  it('are found from a login as root, whose home they are not in', async () => {
    pi = await makeFactsFolder({ ...instance(1, 'biqu'), '/root/.keep': '' });
    const { printers } = await pi.look({ shell, home: '/root' });
    expect(printers.map(({ name }) => name)).toEqual(['printer_1']);
  });

  it.each([
    ['/home/pi/printer_1_data/config/printer.cfg', '/home/pi', 'printer_1'],
    ['/home/biqu/printer_data/config/printer.cfg', '/root', 'printer'],
    ['/home/biqu/klipper_config/printer.cfg', '/root', 'printer'],
    ['/home/pi/printer.cfg', '/home/pi', 'printer'],
    ['/usr/data/printer_data/config/printer.cfg', '/root', 'printer'],
  ])('are guessed where nothing says where they are: %s', async (path, home, name) => {
    pi = await makeFactsFolder({ [path]: mcu, '/root/.keep': '' });
    const { printers } = await pi.look({ shell, home });
    expect(printers).toMatchObject([
      { name, configPath: pi.at(path), pid: null, unit: null, moonraker: null },
    ]);
  });

  it('are named by /etc/default of old installations', async () => {
    pi = await makeFactsFolder({
      '/home/pi/old.cfg': mcu,
      '/etc/default/klipper':
        '# Configuration for /etc/init.d/klipper\nKLIPPY_USER=pi\nKLIPPY_EXEC=/home/pi/klippy-env/bin/python\nKLIPPY_ARGS="AT/home/pi/klipper/klippy/klippy.py AT/home/pi/old.cfg -l /tmp/klippy.log"\n',
    });
    const { printers } = await pi.look({ shell });
    expect(printers).toMatchObject([{ configPath: pi.at('/home/pi/old.cfg'), unit: 'klipper.service' }]);
  });

  it('are not what a unit that was left behind names', async () => {
    pi = await makeFactsFolder({
      ...instance(1),
      '/etc/systemd/system/klipper.service': instance(3)['/etc/systemd/system/klipper-3.service'] ?? '',
    });
    expect((await pi.look({ shell })).printers.map(({ name }) => name)).toEqual(['printer_1']);
  });

  it('are also what a person names, where that is a file', async () => {
    pi = await makeFactsFolder({ '/srv/odd/my printer.cfg': '[include *.inc]\n', '/srv/odd/a.inc': mcu });
    const configPath = pi.at('/srv/odd/my printer.cfg');
    const { printers, files } = await pi.look({ shell, configPath });
    expect(printers).toMatchObject([{ configPath, pid: null }]);
    expect(files.has(pi.at('/srv/odd/a.inc'))).toBe(true);
    expect((await pi.look({ shell, configPath: pi.at('/srv/no.cfg') })).printers).toEqual([]);
  });
});

describe('moonraker.conf', () => {
  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['all', '127.0.0.1'],
    ['::', '::1'],
    ['localhost', 'localhost'],
    ['192.168.1.20', '192.168.1.20'],
  ])('listens on %s, which the Pi reaches at %s', (host, address) => {
    expect(moonrakerAddress({ host })).toBe(address);
  });

  async function moonrakerOf(files: Record<string, string>, words: readonly string[] = ['-m', 'moonraker']) {
    pi = await makeFactsFolder({ '/home/pi/printer_data/config/printer.cfg': mcu, ...files });
    await pi.process(300, [
      '/home/pi/moonraker-env/bin/python',
      ...words.map((word) => word.replace('AT/', pi.at('/'))),
    ]);
    const { moonrakers } = await pi.look();
    return moonrakers[0];
  }
  const conf = '/home/pi/printer_data/config/moonraker.conf';

  it.each([
    ['a comment behind the header', { [conf]: '[server] # main\nport: 7200\n' }],
    [
      'an included file',
      {
        [conf]: '[include server.conf]\n',
        '/home/pi/printer_data/config/server.conf': '[server]\nport: 7200\n',
      },
    ],
    [
      'an indented include',
      {
        [conf]: '  [include conf.d/*.conf]\n',
        '/home/pi/printer_data/config/conf.d/a.conf': '[server]\nport: 7200\n',
      },
    ],
    ['indented options', { [conf]: '[server]\n  host: 0.0.0.0\n  port: 7200\n' }],
    ['upper case', { [conf]: '[server]\nPort: 7200\n' }],
    ['an equals sign and a comment', { [conf]: '[server]\n\nport=7200 ; as the others\n' }],
  ])('says its port: %s', async (_, files) => {
    expect(await moonrakerOf(files, ['-m', 'moonraker', '-d', 'AT/home/pi/printer_data'])).toMatchObject({
      port: 7200,
      pid: 300,
    });
  });

  it.each(['[server]\nhost: 127.0.0.1\n', '[server]\nport: 99999\n', '[authorization]\nport: 1\n', ''])(
    'leaves the default port where it says none: %j',
    async (text) => {
      expect(await moonrakerOf({ [conf]: text })).toMatchObject({ port: 7125 });
    },
  );

  it('says host and socket, with the data folder and the home put in', async () => {
    expect(
      await moonrakerOf({
        [conf]: '[server]\nhost: 127.0.0.1\nklippy_uds_address: {data_path}/comms/klippy.sock\n',
      }),
    ).toMatchObject({
      host: '127.0.0.1',
      klippySocket: pi.at('/home/pi/printer_data/comms/klippy.sock'),
    });
    await pi[Symbol.asyncDispose]();
    expect(await moonrakerOf({ [conf]: '[server]\nklippy_uds_address: ~/x.sock\n' })).toMatchObject({
      klippySocket: pi.at('/home/pi/x.sock'),
    });
    await pi[Symbol.asyncDispose]();
    expect(await moonrakerOf({ [conf]: '[server]\n' })).toMatchObject({
      host: '0.0.0.0',
      klippySocket: '/tmp/klippy_uds',
    });
  });

  it('is where the environment of the process says', async () => {
    pi = await makeFactsFolder({
      '/srv/conf/moonraker-1.conf': '[server]\nport: 7300\n',
      '/proc/300/environ':
        'LANG=C\0SECRET=hunter2\0MOONRAKER_CONFIG_PATH=AT/srv/conf/moonraker-1.conf\0MOONRAKER_DATA_PATH=AT/srv/data\0',
    });
    await pi.process(300, ['/home/pi/moonraker-env/bin/python', '-m', 'moonraker']);
    expect((await pi.look()).moonrakers).toMatchObject([{ port: 7300, dataPath: pi.at('/srv/data') }]);
  });
});

describe('a file that cannot be read', () => {
  it('is known with the reason', async () => {
    pi = await makeFactsFolder({
      '/home/pi/printer_data/config/printer.cfg':
        '[include big.cfg]\n[include gone.cfg]\n[include parts/*]\n[mcu]\n',
      '/home/pi/printer_data/config/big.cfg': '#'.repeat((4 << 20) + 1),
      '/home/pi/printer_data/config/parts/deep/x.cfg': '',
      '/etc/systemd/network/25-can.network': '[Match]\nName=can0\n',
    });
    await pi.link('/home/pi/printer_data/config/gone.cfg', 'nowhere.cfg');
    await chmod(pi.at('/etc/systemd/network/25-can.network'), 0);
    const { unread } = await pi.look();
    const config = (name: string) => unread.get(pi.at(`/home/pi/printer_data/config/${name}`))?.why;
    expect([config('big.cfg'), config('gone.cfg'), config('parts/deep')]).toEqual([
      'too-large',
      'dangling',
      'folder',
    ]);
    // Root reads everything.
    const isRoot = process.getuid?.() === 0;
    expect(unread.get(pi.at('/etc/systemd/network/25-can.network'))?.why).toBe(
      isRoot ? undefined : 'not-readable',
    );
  });
});
