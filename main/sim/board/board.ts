import type { PortPath } from '../../../app/place.ts';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import type { McuName } from '../../../app/mcu/mcu.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { ArmedFaults } from '../armed-faults.ts';
import type { BoardConfig } from '../bench-config.ts';
import type { AttachedDevice } from '../bus/attached-device.ts';
import { CanBus } from '../can/can-bus.ts';
import { Toolhead } from '../can/toolhead.ts';
import type { Fault, FaultMode } from '../fault.ts';
import { Flash } from '../flash/flash.ts';
import type { ChipMemory } from '../rom-dfu/rom-memory.ts';
import { Timeline } from '../time/timeline.ts';
import { Chip } from './chip.ts';
import { UsbPresence } from './usb-presence.ts';

/** The running program; `silent`: a program that does not show on USB, or none. */
export type Running = FaultMode | 'off' | 'starting' | 'silent';

interface BoardSurroundings {
  readonly clock: Clock;
  /** Multiplies every duration of the board: 1 is real time, 0 takes none. */
  readonly timeScale: number;
  readonly attached: (board: Board, device: AttachedDevice) => void;
  readonly detached: (board: Board, device: AttachedDevice) => void;
  /** The host sees a device on the board's port and cannot enumerate it. */
  readonly unreadable: (board: Board) => void;
  /** Throws if another board's cable is in the port. */
  readonly requireFree: (port: PortPath, board: Board) => void;
  /** Any other news about the board, in words. */
  readonly changed: (board: Board, note: string) => void;
}

/** One board as a person handles it: jumper or BOOT button, reset button, power, cable. */
export class Board {
  readonly id: string;
  readonly mcu: McuName;
  /** Upper-case hex digits. */
  readonly uid: string;
  readonly canbusUuid: string;
  readonly flash: Flash;
  readonly faults: ArmedFaults;
  readonly memory: ChipMemory;
  readonly canBus: CanBus;
  /** The other nodes on its CAN bus. */
  readonly toolheads: readonly Toolhead[];
  /** Whether its maker's bootloader reads SD cards. */
  readonly hasCardSlot: boolean;
  /** The folder of the SD card in its slot; null if it is empty. */
  card: string | null = null;
  readonly #supply: 'usb' | 'external';
  readonly #changed: (note: string) => void;
  readonly #requireFree: (port: PortPath) => void;
  readonly #chip: Chip;
  readonly #usb: UsbPresence;
  #port: PortPath;
  #boot0: boolean;
  #plugged: boolean;
  #switchedOn: boolean;
  #running: Running = 'off';
  #why = 'it has no power';

  constructor(config: BoardConfig, world: BoardSurroundings) {
    const { clock, timeScale } = world;
    this.id = config.id;
    this.mcu = config.mcu;
    this.uid = config.uid.toUpperCase();
    this.canbusUuid = config.canbusUuid ?? canbusUuid(config.uid);
    this.flash = Flash.of(config.mcu, config.flashKiB);
    this.memory = { uid: Uint8Array.from(Buffer.from(config.uid, 'hex')), readProtected: false };
    this.hasCardSlot = config.cardBootloader !== undefined;
    this.#supply = config.supply;
    this.#port = config.port;
    this.#boot0 = config.boot0;
    this.#plugged = config.plugged;
    this.#switchedOn = config.powered;
    this.#requireFree = (port) => world.requireFree(port, this);
    this.#changed = (note) => world.changed(this, note);
    this.canBus = new CanBus({ clock, timeScale });
    Object.assign(this.canBus.wiring, {
      terminated: config.canTerminated,
      bitErrorRate: config.canBitErrorRate,
    });
    this.faults = new ArmedFaults((fault) => this.#changed(`fault struck: ${JSON.stringify(fault)}`));
    const { faults, flash, memory, canBus } = this;
    const unplug = () => this.unplug();
    this.#usb = new UsbPresence({
      clock,
      timeScale,
      enumerationMs: config.enumerationMs,
      faults,
      bus: new Timeline(clock, timeScale),
      attached: (device) => world.attached(this, device),
      detached: (device) => world.detached(this, device),
      unreadable: () => world.unreadable(this),
      unplug,
    });
    this.#chip = new Chip({
      config,
      clock,
      timeScale,
      flash,
      memory,
      faults,
      canBus,
      card: () => this.card,
      boot0: () => this.#boot0,
      show: (mode, fn) => {
        this.#set(mode, '');
        this.#usb.show(mode, fn);
      },
      hide: (state, why) => {
        this.#usb.hide();
        this.#set(state, why);
      },
      pullUp: () => this.#usb.pullUp(),
      unplug,
    });
    this.toolheads = config.canNodes.map(
      (node) => new Toolhead({ ...node, mcu: node.mcu ?? config.mcu, bus: canBus, clock, timeScale }),
    );
    for (const fault of config.faults) this.arm(fault);
  }

  /** The port that its cable is in, or was last. */
  get port(): PortPath {
    return this.#port;
  }

  get running(): Running {
    return this.#running;
  }

  /** Why nothing shows on USB, in words; empty if something does. */
  get why(): string {
    return this.#why;
  }

  get boot0(): boolean {
    return this.#boot0;
  }

  get plugged(): boolean {
    return this.#plugged;
  }

  /** True while the chip has power. */
  get on(): boolean {
    return this.#hasPower();
  }

  /** The device on the bus; null if there is none. */
  get device(): AttachedDevice | null {
    return this.#usb.device;
  }

  /** Puts the board into its first state; call it once. */
  begin(): void {
    if (this.#plugged) this.#usb.plug(this.#port);
    if (this.on) this.#chip.reset();
  }

  arm(fault: Fault): void {
    if (fault.kind === 'stuck-bit') this.flash.stuckBits.push(fault);
    else if (fault.kind === 'read-protection') this.memory.readProtected = true;
    else this.faults.arm(fault);
    this.#changed(`fault armed: ${JSON.stringify(fault)}`);
  }

  /** Removes all faults that have not struck yet, and repairs the chip. */
  clearFaults(): void {
    this.faults.clear();
    this.flash.stuckBits.length = 0;
    this.memory.readProtected = false;
    this.#changed('faults taken back');
  }

  /** Puts the BOOT0 jumper on or takes it off; the chip reads it at the next reset. */
  setBoot0(on: boolean): void {
    if (!on && this.faults.take('jumper-stays')) return;
    this.#boot0 = on;
    this.#changed(`BOOT0 ${on ? 'on' : 'off'}`);
  }

  /** Presses the reset button once. */
  reset(): void {
    if (this.on) this.#chip.reset();
  }

  /** Presses the reset button twice, fast enough for Katapult. */
  doubleTap(): void {
    if (this.on) this.#chip.doubleTap();
  }

  /** Switches the supply on or off. A board powered over USB also needs its cable. */
  setPower(on: boolean): void {
    this.#changePower(() => (this.#switchedOn = on));
  }

  /** Throws `usage/invalid` if another board's cable is in the port. */
  plug(): void {
    if (this.#plugged) return;
    this.#requireFree(this.#port);
    this.#usb.plug(this.#port);
    this.#changePower(() => (this.#plugged = true));
  }

  unplug(): void {
    if (!this.#plugged) return;
    this.#usb.unplug();
    this.#changePower(() => (this.#plugged = false));
  }

  /** Pulls the cable and plugs it in at another port. */
  moveTo(port: PortPath): void {
    const wasPlugged = this.#plugged;
    this.unplug();
    this.#port = port;
    if (wasPlugged) this.plug();
  }

  /** Ends everything for good. */
  dispose(): void {
    this.#switchedOn = false;
    this.#chip.powerOff();
    for (const toolhead of this.toolheads) toolhead.dispose();
  }

  #hasPower(): boolean {
    return this.#switchedOn && (this.#supply === 'external' || this.#plugged);
  }

  #changePower(change: () => void): void {
    const wasOn = this.#hasPower();
    change();
    const isOn = this.#hasPower();
    if (!wasOn && isOn) this.#chip.reset();
    if (wasOn && !isOn) this.#chip.powerOff();
  }

  #set(running: Running, why: string): void {
    this.#running = running;
    this.#why = why;
    this.#changed(why === '' ? running : `${running}: ${why}`);
  }
}
