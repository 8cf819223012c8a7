import {
  dataIds,
  encodeAdminMessage,
  type AdminMessage,
} from '../../../../app/protocols/klipper-can/admin-frame.ts';
import type { CanFrame } from '../../../../app/transport/can-link.ts';
import { CanBus } from '../../../../main/sim/can/can-bus.ts';
import type { CanPort } from '../../../../main/sim/can/can-port.ts';
import { CanNode } from '../../../../main/sim/can/toolhead-config.ts';
import { Toolhead } from '../../../../main/sim/can/toolhead.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';

export const toolheads = {
  t1: { uuid: '44db3d634885', mcu: 'stm32f446xx' },
  t2: { uuid: 'e7caf8297cd8', mcu: 'stm32f407xx' },
} as const;

export const nodeId = 0x81;

/** A bus at 1 Mbit/s with a host on it, which sends as many frames in a row as it likes. */
export class CanRig {
  readonly clock = new VirtualClock();
  readonly bus = new CanBus({ clock: this.clock, timeScale: 1 });
  /** What the host has read since it was last asked. */
  #heard: CanFrame[] = [];
  readonly #host: CanPort;
  readonly #waiting: CanFrame[] = [];

  constructor() {
    this.#host = this.bus.attach({
      bitrateBps: 1_000_000,
      recoversFromBusOff: true,
      receive: (frame) => this.#heard.push(frame),
      sent: () => this.#post(),
    });
  }

  toolhead(which: keyof typeof toolheads, more: Partial<CanNode> = {}): Toolhead {
    const { uuid, mcu } = toolheads[which];
    const node = CanNode.parse({ uuid, application: 'katapult', ...more });
    return new Toolhead({ ...node, mcu, bus: this.bus, clock: this.clock, timeScale: 1 });
  }

  send(...frames: readonly CanFrame[]): void {
    this.#waiting.push(...frames);
    this.#post();
  }

  admin(message: AdminMessage): void {
    this.send(encodeAdminMessage(message));
  }

  /** A byte stream to a node, in frames of 8; those whose index is in `lost` never reach the bus. */
  stream(bytes: Uint8Array, { node = nodeId, lost = [] as readonly number[] } = {}): void {
    const frames: CanFrame[] = [];
    for (let at = 0; at < bytes.length; at += 8) {
      frames.push({ id: dataIds(node).toNode, extended: false, data: bytes.slice(at, at + 8) });
    }
    this.send(...frames.filter((_, index) => !lost.includes(index)));
  }

  /** What was heard within `ms` from now, and before since the last call: `203 0188f200`, frames of one id joined. */
  async heard(ms = 1000): Promise<readonly string[]> {
    await this.clock.sleep(ms);
    const frames = this.#heard;
    this.#heard = [];
    const ids = [...new Set(frames.map(({ id }) => id))];
    return ids.map((id) => {
      const bytes = frames.filter((frame) => frame.id === id).flatMap(({ data }) => [...data]);
      return `${id.toString(16)} ${Buffer.from(bytes).toString('hex')}`;
    });
  }

  #post(): void {
    for (;;) {
      const [frame] = this.#waiting;
      if (frame === undefined || !this.#host.post(frame)) return;
      this.#waiting.shift();
    }
  }
}
