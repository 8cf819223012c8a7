import { createHash, randomBytes } from 'node:crypto';
import { CanopusError } from '../../../app/errors.ts';
import { PiSession } from '../../../app/pi/pi-session.ts';
import type { StationInput, VirtualPiView } from '../../../app/contract/station-contract.ts';
import { plugBridges } from '../../sim/pi/bench-adapters.ts';
import { configPath } from '../../sim/pi/pi-flavours.ts';
import { VirtualPiHost } from '../../sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../sim/pi/virtual-pi.ts';
import type { VirtualBench } from '../../sim/virtual-bench.ts';
import { sampleVersion } from '../station-images.ts';
import type { LoginQuestions } from './pi-asker.ts';

const hotEnd = { temperature: 200, target: 200 };
const cold = { temperature: 22, target: 0 };

/** The API key of its Moonraker, if it requires one. */
const apiKey = 'virtual-key';

/** The Pi of the virtual bench, for trying without hardware, and a person's actions at its printer. */
export class BenchPi implements Disposable {
  readonly #pi: VirtualPi;
  readonly #unplug: () => void;
  /** Made-up fingerprint: no private key exists for it. */
  readonly #fingerprint = `SHA256:${createHash('sha256').update(randomBytes(32)).digest('base64').replace(/=+$/, '')}`;
  readonly #tell: (view: VirtualPiView) => void;
  #isTrusted = false;

  /** The state of its printer, now and after each change. */
  constructor(bench: VirtualBench, tell: (view: VirtualPiView) => void) {
    // Its Klipper is the one that the sample images state as their source.
    const klipperVersion = sampleVersion;
    this.#pi = new VirtualPi({ clock: bench.clock, flavour: 'networkmanager', klipperVersion });
    this.#tell = tell;
    this.#pi.klipper.moonraker.onState = () => this.#show();
    this.#unplug = plugBridges(bench, this.#pi);
    this.#show();
  }

  /**
   * Logs in; asks to trust its key once, as a real one would. Throws `ssh/host-key-unknown` and, while the network is
   * cut, `ssh/unreachable`.
   */
  async open(questions: LoginQuestions): Promise<PiSession> {
    const host = 'virtual-pi';
    if (!this.#pi.isReachable) {
      throw new CanopusError('ssh/unreachable', `${host} is not reachable: its network is cut`, { host });
    }
    this.#isTrusted ||= await questions.trustHostKey({
      host,
      keyType: 'ssh-ed25519',
      fingerprint: this.#fingerprint,
    });
    if (!this.#isTrusted) {
      const message = `${host} has the unknown key ${this.#fingerprint}, which was not accepted`;
      throw new CanopusError('ssh/host-key-unknown', message, { host });
    }
    const { clock } = this.#pi;
    return new PiSession(new VirtualPiHost(this.#pi, questions.moonrakerKey), {
      clock,
      now: () => new Date(),
      random: Math.random,
    });
  }

  do(action: StationInput<'sim.pi'>['action']): void {
    const pi = this.#pi;
    const { klipper } = pi;
    switch (action) {
      case 'start-print':
      case 'end-print':
        klipper.setPrinting(action === 'start-print');
        return;
      case 'heat':
      case 'stop-heating':
        klipper.moonraker.state = {
          ...klipper.moonraker.state,
          heaters: new Map([['extruder', action === 'heat' ? hotEnd : cold]]),
        };
        return;
      case 'emergency-stop':
        klipper.stopInEmergency();
        return;
      case 'edit-config':
        pi.tree.write(configPath, `${pi.tree.text(configPath) ?? ''}\n# edited by hand\n`);
        return;
      case 'reboot':
        pi.reboot();
        return;
      case 'cut-network':
      case 'mend-network':
        pi.isReachable = action === 'mend-network';
        this.#show();
        return;
      case 'want-key':
      case 'want-no-key':
        klipper.moonraker.state = {
          ...klipper.moonraker.state,
          apiKey: action === 'want-key' ? apiKey : null,
        };
    }
  }

  #show(): void {
    const { isReachable, klipper } = this.#pi;
    const { klippy, print, heaters, apiKey: wanted } = klipper.moonraker.state;
    this.#tell({
      id: 'virtual',
      reachable: isReachable,
      klippy,
      printing: print === 'printing',
      heating: [...heaters.values()].some(({ target }) => target > 0),
      apiKey: wanted,
    });
  }

  [Symbol.dispose](): void {
    this.#unplug();
    this.#pi.dispose();
  }
}
