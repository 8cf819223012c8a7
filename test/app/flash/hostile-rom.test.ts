import { describe, expect, it } from 'vitest';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import { installWithDfu } from '../../../app/flash/dfu-install.ts';
import { stateNames, type StateName } from '../../../app/protocols/dfuse/status.ts';
import type { ControlSetup, UsbLink } from '../../../app/transport/usb-link.ts';
import { JumpingClock, romConfiguration } from './dfu-scripted-link.ts';

const dnload = 1;
const upload = 2;
const getStatus = 3;
const getState = 5;
const getDescriptor = 6;

interface Lie {
  /** Of each memory. */
  readonly text?: string;
  /** What a string is instead. */
  readonly string?: (index: number) => Uint8Array;
  /** In the functional descriptor. */
  readonly transferSize?: number;
  /** What it says forever once something was staged. */
  readonly busy?: { readonly state: StateName; readonly pollTimeoutMs: number };
  /** How many bytes come for an upload of so many. */
  readonly uploads?: (length: number) => number;
}

const honestText = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg';

function descriptorOf(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf16le').subarray(0, 252);
  return Uint8Array.of(2 + bytes.length, 3, ...bytes);
}

/** A ROM of a few lines that lies in one thing and counts what it is asked. */
class LyingRom implements UsbLink {
  readonly label = '0483:df11 at 1-1';
  readonly portPath = '1-1';
  readonly deviceDescriptor = Uint8Array.from({ length: 18 }, (_, at) => (at === 16 ? 3 : 0));
  readonly configurationDescriptor = romConfiguration.slice();
  asked = 0;
  readonly #lie: Lie;
  #isStaged = false;
  #state: StateName = 'dfuIDLE';

  constructor(lie: Lie) {
    this.#lie = lie;
    const view = new DataView(this.configurationDescriptor.buffer);
    view.setUint16(this.configurationDescriptor.length - 4, lie.transferSize ?? 2048, true);
  }

  controlIn({ bRequest, wValue }: ControlSetup, length: number): Promise<Uint8Array> {
    this.#count();
    const { text = honestText, string, busy, uploads } = this.#lie;
    switch (bRequest) {
      case getDescriptor:
        return Promise.resolve(string?.(wValue & 0xff) ?? descriptorOf(text));
      case upload:
        this.#state = 'dfuUPLOAD-IDLE';
        return Promise.resolve(new Uint8Array(uploads?.(length) ?? length).fill(0xff));
      case getStatus: {
        if (this.#isStaged && busy !== undefined)
          return Promise.resolve(status(busy.state, busy.pollTimeoutMs));
        if (this.#isStaged) this.#state = 'dfuDNLOAD-IDLE';
        this.#isStaged = false;
        return Promise.resolve(status(this.#state, 0));
      }
      case getState:
        return Promise.resolve(Uint8Array.of(stateNames.indexOf(this.#state)));
      default:
        return Promise.reject(new CanopusError('link/stall', `${this.label}: refused.`));
    }
  }

  controlOut({ bRequest }: ControlSetup): Promise<void> {
    this.#count();
    if (bRequest === dnload) this.#isStaged = true;
    else if (this.#lie.busy === undefined || !this.#isStaged) this.#state = 'dfuIDLE';
    return Promise.resolve();
  }

  #count(): void {
    this.asked += 1;
    // Instead of a test that does not end.
    if (this.asked > 200_000) throw new Error('asked without end');
  }

  bulkIn = () => Promise.reject(new Error('no bulk endpoint'));
  bulkOut = () => Promise.reject(new Error('no bulk endpoint'));
  claimInterface = () => Promise.resolve();
  setAltSetting = () => Promise.resolve();
  close = () => Promise.resolve();
  [Symbol.asyncDispose] = () => Promise.resolve();
}

function status(state: StateName, pollTimeoutMs: number): Uint8Array {
  const poll = [0, 8, 16].map((shift) => (pollTimeoutMs >> shift) & 0xff);
  return Uint8Array.of(0, ...poll, stateNames.indexOf(state), 0);
}

const image = Uint8Array.from({ length: 8192 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
image.set([0x00, 0x00, 0x02, 0x20, 0x01, 0x01, 0x00, 0x08]);

async function install(lie: Lie): Promise<{ error: unknown; rom: LyingRom; tookMs: number }> {
  const rom = new LyingRom(lie);
  const clock = new JumpingClock();
  const run = installWithDfu(rom, image, {
    ...{ clock, applicationAddress: 0x08008000, checkTarget: () => [] },
  });
  try {
    while ((await run.next()).done !== true);
    return { error: null, rom, tookMs: clock.nowMs() };
  } catch (error) {
    return { error, rom, tookMs: clock.nowMs() };
  }
}

const cut = Uint8Array.of(255);
const endless = Uint8Array.from({ length: 255 }, (_, at) => (at === 0 ? 255 : at === 1 ? 3 : 0x40));

const cases: readonly (readonly [what: string, lie: Lie, code: string])[] = [
  ['strings of one byte', { string: () => cut }, 'dfu/bad-layout'],
  ['strings without an end', { string: () => endless }, 'dfu/bad-layout'],
  ['strings of escape sequences', { text: '\x1b]0;owned\x07'.repeat(12) }, 'dfu/bad-layout'],
  ['99,999 sectors of 1 byte', { text: '@Internal Flash /0x08000000/99999*00001 g' }, 'image/does-not-fit'],
  ['a million sectors', { text: `@F/0x08000000/${'99999*00001 g,'.repeat(8)}` }, 'image/does-not-fit'],
  ['4 GB of flash', { text: '@Internal Flash /0x00000000/00064*00064Mg' }, 'image/wrong-address'],
  ['sectors of 0 bytes', { text: '@Internal Flash /0x08000000/04*000Kg' }, 'dfu/bad-layout'],
  ['a wait of 16,777 s', { busy: { state: 'dfuDNBUSY', pollTimeoutMs: 0xffffff } }, 'link/protocol'],
  ['no end of dfuDNBUSY', { busy: { state: 'dfuDNBUSY', pollTimeoutMs: 0 } }, 'dfu/stuck-busy'],
  [
    'no end of dfuDNBUSY, in steps of 1 ms',
    { busy: { state: 'dfuDNBUSY', pollTimeoutMs: 1 } },
    'dfu/stuck-busy',
  ],
  ['no end of dfuDNLOAD-SYNC', { busy: { state: 'dfuDNLOAD-SYNC', pollTimeoutMs: 0 } }, 'dfu/stuck-busy'],
  ['uploads of nothing', { uploads: () => 0 }, 'link/protocol'],
  ['uploads that are too short', { uploads: (length) => length - 1 }, 'link/protocol'],
  ['uploads that are too long', { uploads: (length) => length + 1 }, 'link/protocol'],
  ['transfers of 65,535 bytes', { transferSize: 65_535 }, 'dfu/verify-mismatch'],
  ['transfers of 0 bytes', { transferSize: 0 }, 'dfu/verify-mismatch'],
  ['transfers of 1 byte', { transferSize: 1 }, 'dfu/verify-mismatch'],
];

/** Twice the longest work of a ROM, and the time in which it is brought to rest. */
const limitMs = 85_000;
/** One a millisecond for as long as the longest work, and what is read. */
const mostRequests = 65_000;

describe('an install through a ROM that lies', () => {
  it.each(cases)('with %s ends in one coded error within its time', async (_what, lie, code) => {
    const { error, rom, tookMs } = await install(lie);
    expect(error).toMatchObject({ code });
    expect(isCanopusError(error) && error.state).toMatch(/^(untouched|dfu-partial)$/);
    expect(tookMs).toBeLessThan(limitMs);
    expect(rom.asked).toBeLessThan(mostRequests);
  });

  it('hands no escape sequence of a name on', async () => {
    const { error } = await install({ text: '\x1b]0;owned\x07'.repeat(12) });
    if (!isCanopusError(error)) throw new Error('no coded error', { cause: error });
    const said = error.message + JSON.stringify(error.details);
    expect(said).toContain('owned');
    expect(said).not.toMatch(/\\u001b|\\u0007|[\x00-\x1f]/);
  });
});
