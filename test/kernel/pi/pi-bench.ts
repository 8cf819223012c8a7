import path from 'node:path';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import { MoonrakerStandIn } from '../../../main/sim/pi/moonraker-stand-in.ts';
import { serveMoonraker } from '../../system/pi/serve-moonraker.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { systemClock } from '../../../main/system-clock.ts';
import type { Guest } from '../guest/client.ts';
import { plugBench, type PluggedBench } from '../plug-bench.ts';
import secondPrinter from './second-printer.sh?raw';
import { startPiGuest, type PiGuest } from './pi-guest.ts';
import type { PiFlavour } from './pi-image.ts';

export const bridgeUid = '430014000A50534E4E313120';
export const bridgeUuid = canbusUuid(bridgeUid);

export const cacheDir = path.join(import.meta.dirname, '../../../.cache');

/** A unit counts as started before its program listens. */
export const secondListens = `until python3 -c 'import socket; socket.create_connection(("127.0.0.1", 7126))' 2> /dev/null; do sleep 1; done`;

const firmware = 'v0.13.0-100-gabcdef12';

export interface Can0 {
  readonly up: boolean;
  readonly queue: number;
  readonly bitrate: number | undefined;
}

/** A virtual Pi with a virtual bridge plugged in, and a Klipper that resets the bridge on request. */
export interface PiBench extends AsyncDisposable {
  readonly guest: Guest;
  readonly ssh: PiGuest['ssh'];
  readonly moonraker: MoonrakerStandIn;
  /** Installs a second printer, `printer_2`, whose Klipper is ready with a board on USB. */
  addPrinter(): Promise<MoonrakerStandIn>;
  /** As the guest's kernel sees it. */
  can0(): Promise<Can0>;
  /** Restarts the Pi, with the bridge plugged in when it is up again. */
  reboot(): Promise<void>;
}

export async function startPiBench(flavour: PiFlavour): Promise<PiBench> {
  const owned: AsyncDisposable[] = [];
  const dispose = async (): Promise<void> => {
    for (const each of owned.toReversed()) await each[Symbol.asyncDispose]();
  };
  try {
    const bench = bridgeOnItsBus();
    owned.push(bench);
    const moonraker = klipperOn(bench);
    const served = await serveMoonraker(moonraker);
    owned.push(served);
    const pi = await startPiGuest(cacheDir, flavour);
    owned.push(pi);
    await pi.setMoonrakerPort(served.port);
    const cable = new Cable(pi.guest, bench);
    owned.push(cable);
    await cable.plug();
    return {
      guest: pi.guest,
      ssh: pi.ssh,
      moonraker,
      async addPrinter() {
        const second = new MoonrakerStandIn({
          softwareVersion: firmware,
          mcus: new Map([['mcu', firmware]]),
        });
        const other = await serveMoonraker(second);
        owned.push(other);
        await pi.setMoonrakerPort(other.port, 'printer_2');
        await pi.guest.must(secondPrinter, { timeoutMs: 120_000 });
        await pi.guest.must(secondListens, { timeoutMs: 120_000 });
        return second;
      },
      async can0() {
        const [link] = JSON.parse(await pi.guest.must('ip -d -j link show can0')) as [Link];
        return {
          up: link.flags.includes('UP'),
          queue: link.txqlen,
          bitrate: link.linkinfo.info_data.bittiming?.bitrate,
        };
      },
      async reboot() {
        await cable.unplug();
        await pi.reboot();
        await cable.plug();
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The one cable of the bridge; a Pi that is off holds none. */
class Cable implements AsyncDisposable {
  readonly #guest: Guest;
  readonly #bench: VirtualBench;
  #plugged: PluggedBench | null = null;

  constructor(guest: Guest, bench: VirtualBench) {
    this.#guest = guest;
    this.#bench = bench;
  }

  async plug(): Promise<void> {
    this.#plugged = await plugBench(this.#guest, this.#bench);
    await this.#guest.until('test -e /sys/class/net/can0', 120_000);
  }

  async unplug(): Promise<void> {
    await this.#plugged?.[Symbol.asyncDispose]();
    this.#plugged = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.unplug();
  }
}

interface Link {
  readonly flags: readonly string[];
  readonly txqlen: number;
  readonly linkinfo: { readonly info_data: { readonly bittiming?: { readonly bitrate: number } } };
}

function bridgeOnItsBus(): VirtualBench {
  return bridgeOn('1-1', bridgeUid, ['0d1445047cdd']);
}

/** A bridge on a port of the guest. */
export function bridgeOn(port: string, uid: string, nodes: readonly string[] = []): VirtualBench {
  return new VirtualBench(
    {
      boards: [
        {
          ...{ id: 'bridge', mcu: 'stm32f446xx', uid, port, enumerationMs: 300 },
          flash: [
            { address: 0x0800_0000, bytes: Uint8Array.from(makeKatapultImage()) },
            { address: 0x0800_8000, bytes: Uint8Array.from(makeKlipperImage()) },
          ],
          canNodes: nodes.map((uuid) => ({ uuid, application: 'klipper' as const })),
        },
      ],
    },
    { clock: systemClock },
  );
}

/** Klipper is ready when the bridge is on its bus, as far as anybody can see from outside. */
function klipperOn(bench: VirtualBench): MoonrakerStandIn {
  const moonraker = new MoonrakerStandIn(
    {
      klippy: 'error',
      message: "mcu 'mcu': Unable to connect",
      softwareVersion: firmware,
      mcus: new Map([['mcu', firmware]]),
    },
    (standIn) => {
      standIn.state = { ...standIn.state, klippy: 'startup', message: 'Printer is not ready' };
      bench.board('bridge').reset();
    },
  );
  bench.listen((event) => {
    if (event.type !== 'attach') return;
    moonraker.state = { ...moonraker.state, klippy: 'ready', message: 'Printer is ready' };
  });
  return moonraker;
}
