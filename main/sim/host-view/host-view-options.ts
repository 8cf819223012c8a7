import type { DriverKind } from '../../../app/boards/device-driver.ts';
import type { FaultMode } from '../fault.ts';

/** Which system shows the virtual boards, and in what state. */
export interface HostViewOptions {
  readonly system: 'win32' | 'darwin';
  /** The driver that Windows has bound to a board in each mode. Default: WinUSB to DFU, none to a bridge. */
  readonly drivers?: { readonly [Mode in FaultMode]?: DriverKind | undefined } | undefined;
  /** False: Windows' own list cannot be read, as where PowerShell is forbidden. */
  readonly hasDeviceTree?: boolean | undefined;
  /** True: libusb lists what has no driver and refuses to open it, as it did before 1.0.27. */
  readonly listsDriverless?: boolean | undefined;
}
