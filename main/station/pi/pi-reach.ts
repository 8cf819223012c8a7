import { chipNames } from '../../../app/boards/chip-identity.ts';
import { chipUid } from '../../../app/boards/board-mode.ts';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import type { PiFacts } from '../../../app/pi/facts.ts';
import { namedNodesOn } from '../../../app/printer/named-nodes.ts';
import type { BoardOnPi } from '../../../app/pi/printers-of-board.ts';
import { nodeAt, uartAt, usbPlacesOfPi, type PlaceId, type UsbPlaces } from '../../../app/place.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { DeviceWatch } from '../../jobs/device-watch.ts';
import type { JobServices, OpenBus } from '../../jobs/job-services.ts';
import type { SshShell } from '../../shell/ssh/ssh-shell.ts';
import { AgentClient } from '../../reach/pi/agent-client.ts';
import { startAgentOverSsh } from '../../reach/pi/agent-over-ssh.ts';
import { PiDevices } from '../../reach/pi/pi-devices.ts';
import { RootShell } from '../../pi/root-shell.ts';
import { shellOf } from '../../pi/open-pi.ts';
import type { LiveBoards } from '../live-boards.ts';
import { holdKlipper } from './klipper-hold.ts';
import type { PiLink } from './pi-link.ts';

interface PiReachOptions {
  readonly piId: string;
  readonly link: PiLink;
  readonly boards: Pick<LiveBoards, 'add'>;
  readonly clock: Clock;
}

/** What is plugged into one Pi, while the agent runs there: its devices, its boards, and Klipper kept away from them. */
export class PiReach implements AsyncDisposable {
  /** For work on boards of this Pi. */
  readonly services: JobServices;
  readonly #options: PiReachOptions;
  readonly #client: AgentClient;
  readonly #devices: PiDevices;
  readonly #watch: DeviceWatch;
  #root: Promise<AgentClient> | null = null;
  /** Resolves when nothing is held any more. */
  #held: Promise<void> = Promise.resolve();
  /** As the last look at the Pi found them. */
  #facts: PiFacts | null = null;
  #stopBoards: () => void = () => undefined;
  #closing: Promise<void> | null = null;

  private constructor(options: PiReachOptions, client: AgentClient) {
    const places = usbPlacesOfPi(options.piId);
    this.#options = options;
    this.#client = client;
    const asRoot = (purpose: string): Promise<AgentClient> => this.#asRoot(purpose);
    this.#devices = new PiDevices({ client, asRoot });
    this.#watch = new DeviceWatch(options.clock, places);
    this.services = {
      devices: this.#devices,
      watch: this.#watch,
      clock: options.clock,
      hold: (place, { note, signal }) => this.#hold(places, place, note, signal),
      openUart: (name) => this.#devices.openUart(name),
      openBus: (interfaceName) => this.#openBus(places, interfaceName),
    };
  }

  /** Resolves when what is plugged in is known. Throws `ssh/…`, `shell/…`, `reach/…`, `device/unreachable`. */
  static async open(options: PiReachOptions, signal: AbortSignal): Promise<PiReach> {
    const client = await options.link.use(signal, async (session) =>
      AgentClient.open(await startAgentOverSsh(sshOf(session)), options.clock),
    );
    const reach = new PiReach(options, client);
    // What comes and goes there is unknown from then on: work that waits for a board waits in vain.
    void client.whenEnded.then((error) => reach.#watch.lose(toCanopusError(error)));
    try {
      await reach.#watch.start(reach.#devices);
      reach.#stopBoards = await options.boards.add(reach.#devices, usbPlacesOfPi(options.piId));
      return reach;
    } catch (error) {
      await reach[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves when the agent has ended, for whatever reason. */
  get ended(): Promise<unknown> {
    return this.#client.whenEnded;
  }

  /** Why it has ended; null while it runs. */
  get failure(): CanopusError | null {
    return this.#client.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopBoards();
    this.#watch[Symbol.dispose]();
    await (await this.#root?.catch(() => null))?.close();
    await this.#devices[Symbol.asyncDispose]();
  }

  /** What `hold` of the services does for a whole bus. */
  holdBus(
    interfaceName: string,
    note: (text: string) => void,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    const board = { portPath: null, uid: null, canbusUuid: null, tty: null, interfaceName };
    return this.#holdFor(board, note, signal);
  }

  /**
   * Keeps the Klipper of a printer away from all of its boards. Work on each of them holds it, too, and finds that it
   * does not run.
   */
  holdPrinter(printer: string, note: (text: string) => void, signal: AbortSignal): Promise<AsyncDisposable> {
    return this.#stop({ printer }, note, signal);
  }

  async #hold(
    places: UsbPlaces,
    place: PlaceId,
    note: (text: string) => void,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    const node = nodeAt(place);
    if (node !== null && node.interfaceName !== null)
      return this.#holdFor({ portPath: null, uid: null, tty: null, ...node }, note, signal);
    const uart = uartAt(place);
    if (uart !== null) {
      const links = await this.#devices.uartNames(uart);
      return this.#holdFor({ portPath: null, uid: null, canbusUuid: null, tty: null, links }, note, signal);
    }
    const device = this.#watch.at(place)?.device ?? null;
    const { uid, canbusUuid } = chipNames(device === null ? null : chipUid(device));
    const board = { portPath: places.portOf(place), uid, canbusUuid, tty: device?.tty ?? null };
    return this.#holdFor(board, note, signal);
  }

  /** One at a time: what ends first would start a Klipper that the other one still keeps away. */
  async #holdFor(
    board: BoardOnPi,
    note: (text: string) => void,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    const before = this.#held;
    let release: () => void = () => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    await before;
    try {
      signal.throwIfAborted();
      const held = await this.#stop(board, note, signal);
      return {
        [Symbol.asyncDispose]: async () => {
          await held[Symbol.asyncDispose]();
          release();
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  #stop(
    board: BoardOnPi | { readonly printer: string },
    note: (text: string) => void,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    const asRoot = (purpose: string): Promise<AgentClient> => this.#asRoot(purpose);
    return this.#options.link.use(signal, (session) => {
      const look = async (until?: AbortSignal) => {
        const seen = await session.look(until);
        this.#facts = seen.facts;
        return seen;
      };
      return holdKlipper({ session: { label: session.label, look }, board, asRoot, note, signal });
    });
  }

  async #openBus(places: UsbPlaces, interfaceName: string): Promise<OpenBus> {
    const can = await this.#devices.openCan(interfaceName);
    const bridge = can.portPath === null ? null : this.#watch.at(places.placeOf(can.portPath));
    const { canbusUuid } = chipNames(bridge === null ? null : chipUid(bridge.device));
    const facts = this.#facts;
    const known = facts?.interfaces.find(({ name }) => name === interfaceName);
    const named = facts === null ? [] : namedNodesOn(facts, interfaceName);
    return { can, bridgeUuid: canbusUuid, named, bitrateBps: known?.bitrateBps ?? null };
  }

  /** An agent that runs as root: the one there is if the login is root's, or one that a person allows, once a reach. */
  #asRoot(purpose: string): Promise<AgentClient> {
    if (this.#client.uid === 0) return Promise.resolve(this.#client);
    this.#root ??= this.#startAsRoot(purpose).catch((error: unknown) => {
      this.#root = null;
      throw error;
    });
    return this.#root;
  }

  #startAsRoot(purpose: string): Promise<AgentClient> {
    const { link, clock } = this.#options;
    return link.use(never, async (session, askPassword, mayBeRoot) => {
      if (!(await mayBeRoot(purpose))) {
        const message = `${session.label} was not allowed to ${purpose} as root.`;
        throw new CanopusError('reach/root-refused', message, { purpose }, { state: 'untouched' });
      }
      const shell = sshOf(session);
      const { facts } = await session.look();
      let password: string | null = null;
      await new RootShell(shell).unlock(facts, async (attempt) => (password = await askPassword(attempt)));
      const client = await AgentClient.open(await startAgentOverSsh(shell, { password }), clock);
      void client.whenEnded.then(() => {
        this.#root = null;
      });
      return client;
    });
  }
}

const never = new AbortController().signal;

function sshOf(session: PiSession): SshShell {
  const shell = shellOf(session);
  if (shell !== null) return shell;
  throw new CanopusError('device/unreachable', `${session.label} is virtual: no board is plugged into it.`);
}
