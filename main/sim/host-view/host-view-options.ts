import type { DriverKind } from '../../../app/boards/device-driver.ts';
import type { FaultMode } from '../fault.ts';

/** The system that shows the virtual boards, and its state. */
export interface HostViewOptions {
  readonly system: 'win32' | 'darwin';
  /** The driver that Windows has bound to a board in each mode. Default: WinUSB for DFU, none for a bridge. */
  readonly drivers?: { readonly [Mode in FaultMode]?: DriverKind | undefined } | undefined;
  /** False: Windows' own list cannot be read, as when PowerShell is forbidden. */
  readonly hasDeviceTree?: boolean | undefined;
  /** True: libusb lists devices without a driver and refuses to open them, as it did before 1.0.27. */
  readonly listsDriverless?: boolean | undefined;
}
