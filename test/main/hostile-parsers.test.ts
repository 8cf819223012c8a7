import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../app/errors.ts';
import { parsePreset } from '../../app/boards/preset.ts';
import { parseRecipeFile } from '../../app/bench/recipe-file.ts';
import { parseFirmwareSource } from '../../app/build/firmware-source.ts';
import { parseKconfig } from '../../app/build/kconfig.ts';
import { parseIntelHex } from '../../app/image/intel-hex.ts';
import { parseIpLinks, parseSysInterface, parseUsbLine } from '../../app/pi/can-interface.ts';
import { parseInterfaces } from '../../app/pi/ifupdown.ts';
import { parseJournal } from '../../app/pi/journal.ts';
import { parseCanbusQuery } from '../../app/pi/prove-nodes.ts';
import { parseReport } from '../../app/pi/report.ts';
import { parseSshTarget } from '../../app/pi/ssh-target.ts';
import { parseUnitFile } from '../../app/pi/unit-file.ts';
import { parseConfigFile } from '../../app/printer-config/config-file.ts';
import { readPlace } from '../../app/place.ts';
import { findDfuInterfaces } from '../../app/protocols/dfuse/descriptors.ts';
import { parseMemoryLayout } from '../../app/protocols/dfuse/memory-layout.ts';
import { decodeStatus } from '../../app/protocols/dfuse/status.ts';
import { decodeStringDescriptor } from '../../app/protocols/dfuse/string-descriptor.ts';
import { findGsUsbInterface } from '../../app/protocols/gs-usb/gs-usb-interface.ts';
import { parseHostFrame } from '../../app/protocols/gs-usb/host-frame.ts';
import { parseBtConst, parseDeviceConfig } from '../../app/protocols/gs-usb/vendor-request.ts';
import { parseAnswer, parseConnect } from '../../app/protocols/katapult/answer.ts';
import { parsePnpLine } from '../../main/devices/windows/pnp-tree.ts';
import { zipEntries, ZipRefused } from '../../main/files/zip-entries.ts';
import { decodeForeignRecord } from '../../main/firmware/record-file.ts';
import { parseHello } from '../../main/links/local/hello.ts';
import { parseKnownHosts } from '../../main/shell/ssh/known-hosts.ts';
import { cases } from '../counts.ts';
import { Random } from '../fixtures/random.ts';
import { lyingZip } from '../fixtures/hostile-zip.ts';

/**
 * Inputs a parser: all of them in the long run, else a fiftieth, because there are many parsers. Images have their own
 * test (test/app/image/fuzz-image.test.ts).
 */
const full = 100_000;
const runs = cases(full) === full ? full : full / 50;
/** What one input may cost, in time of this thread; far above what any does, for a busy computer. */
const mayTakeMs = 2_000;

type Parser = readonly [name: string, parse: (bytes: Uint8Array) => unknown, sample: string | Uint8Array];

const text =
  (parse: (text: string) => unknown) =>
  (bytes: Uint8Array): unknown =>
    parse(new TextDecoder().decode(bytes));
const limits = { entries: 100, entryBytes: 1 << 20, totalBytes: 1 << 20 };
const dfuConfiguration = '09021b00010100c0320904000000fe0102040921 0bff0000081a01'.replace(' ', '');
const gsUsbConfiguration = '0902200001010080320904000002ffffff0007058102200000070502022000 00'.replace(
  ' ',
  '',
);

const parsers: readonly Parser[] = [
  ['DFU descriptors', findDfuInterfaces, Buffer.from(dfuConfiguration, 'hex')],
  ['DFU status', decodeStatus, Buffer.from('000000000500', 'hex')],
  ['USB strings', decodeStringDescriptor, Buffer.from('\x1c\x03@\0I\0n\0t\0e\0r\0n\0a\0l\0', 'latin1')],
  ['memory layout', text(parseMemoryLayout), '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg'],
  ['gs_usb descriptors', findGsUsbInterface, Buffer.from(gsUsbConfiguration, 'hex')],
  ['gs_usb bit timing', parseBtConst, new Uint8Array(72).fill(1)],
  ['gs_usb device', parseDeviceConfig, new Uint8Array(12)],
  ['gs_usb frames', parseHostFrame, new Uint8Array(20).fill(3)],
  [
    'Katapult answers',
    (payload) => parseAnswer({ code: payload[0] ?? 0, payload }),
    new Uint8Array(40).fill(0xa0),
  ],
  [
    'Katapult connect',
    parseConnect,
    Buffer.from('\0\0\x01\0\0\x80\0\x08@\0\0\0stm32f446xx\0v0.0.1', 'latin1'),
  ],
  [
    'Intel HEX',
    text(parseIntelHex),
    ':020000040800F2\n:100000000000012001010008010100080101000881\n:00000001FF\n',
  ],
  [
    'zip',
    (zip) => [...zipEntries(zip, limits, () => true)],
    lyingZip({ declares: 5, packed: Buffer.from('hello'), method: 0 }),
  ],
  [
    'record of an image',
    (bytes) => decodeForeignRecord(bytes, 'a'.repeat(64)),
    `${'0'.repeat(64)}\n{"format":1}`,
  ],
  [
    'preset',
    text((json) => parsePreset('x.json', json)),
    '{"id":"x","name":"X","variants":[{"id":"f446"}],"hazards":[]}',
  ],
  [
    'recipe',
    text((json) => parseRecipeFile('x.json', json)),
    '{"format":1,"presetId":"btt-octopus","variantId":"f446"}',
  ],
  ['source of firmware', text(parseFirmwareSource), 'https://github.com/Klipper3d/klipper#v0.13.0'],
  ['kconfig', text(parseKconfig), 'CONFIG_MACH_STM32=y\n# CONFIG_X is not set\nCONFIG_F="8000000"\n'],
  [
    'printer.cfg',
    text((file) => parseConfigFile('printer.cfg', file)),
    '[mcu]\ncanbus_uuid: 6beb0175188a\n[include *a*.cfg]\n#*# <-- SAVE_CONFIG\n#*# [x]\n',
  ],
  [
    'report of a Pi',
    text((report) => parseReport(report, 'abc')),
    'abc begin\nabc os\nID=debian\nabc end 0\n',
  ],
  ['journal of a plan', text(parseJournal), '{"format":1,"steps":[{"type":"file","path":"/etc/x"}]}'],
  [
    'ip link',
    text(parseIpLinks),
    '[{"ifname":"can0","operstate":"UP","linkinfo":{"info_data":{"bittiming":{"bitrate":1000000}}}}]',
  ],
  ['/sys of an interface', text(parseSysInterface), 'can0 up 128 gs_usb 1d50:606f'],
  ['USB device on a Pi', text(parseUsbLine), '1-1.3 1d50 606f klipper stm32f446xx 430014000A50534E4E313120'],
  [
    'interfaces',
    text(parseInterfaces),
    'auto can0\niface can0 can static\n  bitrate 1000000\n  up ip link set $IFACE txqueuelen 1024\n',
  ],
  ['unit file', text(parseUnitFile), '[Match]\nName=can*\n[CAN]\nBitRate=1M\n'],
  [
    'canbus_query',
    text(parseCanbusQuery),
    'Found canbus_uuid=6beb0175188a, Application: Klipper\nTotal 1 uuids found\n',
  ],
  ['SSH target', text(parseSshTarget), 'pi@mainsailos.local:22'],
  [
    'known_hosts',
    text((lines) => parseKnownHosts(lines, 'x')),
    '|1|bm9wZQ==|bm9wZQ== ssh-ed25519 AAAA\n@revoked * ssh-rsa AAAA\n',
  ],
  ['place', text(readPlace), 'pi:voron/can0/6beb0175188a'],
  ['device tree of Windows', text(parsePnpLine), '{"id":"USB\\\\VID_0483&PID_DF11\\\\1","service":"WinUSB"}'],
  ['hello of a program', text(parseHello), '{"protocol":"canopus.contract.1","version":"1","token":"x"}'],
];

/** A coded error says what is wrong with the input; anything else would be a mistake here. */
function isNamed(error: unknown): boolean {
  return isCanopusError(error) || error instanceof ZipRefused;
}

describe('whatever a device, a Pi or a file says', { timeout: 600_000 }, () => {
  it.each(parsers)('%s is read or refused by a name, and soon', (_name, parse, sample) => {
    const random = new Random(20_261_130);
    const whole = typeof sample === 'string' ? new TextEncoder().encode(sample) : sample;
    let worstMs = 0;
    for (let run = 0; run < runs; run++) {
      const input = run % 4 === 0 ? random.bytes(random.below(64)) : random.mutate(whole);
      const fromMs = performance.now();
      try {
        parse(input);
      } catch (error) {
        if (!isNamed(error)) throw new Error(`input ${Buffer.from(input).toString('hex')}`, { cause: error });
      }
      worstMs = Math.max(worstMs, performance.now() - fromMs);
    }
    expect(worstMs).toBeLessThan(mayTakeMs);
  });

  it.each(parsers)('%s of 256 KiB is read or refused, too', (_name, parse, sample) => {
    const whole = typeof sample === 'string' ? new TextEncoder().encode(sample) : sample;
    const large = new Uint8Array(1 << 18);
    for (let at = 0; at + whole.length <= large.length; at += whole.length) large.set(whole, at);
    const fromMs = performance.now();
    try {
      parse(large);
    } catch (error) {
      if (!isNamed(error)) throw error;
    }
    expect(performance.now() - fromMs).toBeLessThan(2 * mayTakeMs);
  });
});
