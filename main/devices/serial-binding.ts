import { CanopusError } from '../../app/errors.ts';
import type { SerialPortInfo } from './serial-ports.ts';

/** An open port, as far as it is used here. */
export interface OpenPort {
  /** Resolves with at least one byte; throws when the port is closed or hung up. */
  read(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  /** Resolves when the driver has taken every byte. One at a time. */
  write(buffer: Buffer): Promise<void>;
  /** Discards received bytes and those not yet sent. */
  flush(): Promise<void>;
  set(lines: { readonly dtr: boolean; readonly rts: boolean }): Promise<void>;
  close(): Promise<void>;
}

export interface SerialBinding {
  list(): Promise<readonly SerialPortInfo[]>;
  open(options: {
    readonly path: string;
    readonly baudRate: number;
    readonly lock: boolean;
  }): Promise<OpenPort>;
}

/**
 * The serialport module's binding for this system, loaded on first use. Throws `link/no-driver` if it cannot be loaded.
 * Typed here, because serialport's own types lean on a package that exports none.
 */
export async function loadSerialBinding(): Promise<SerialBinding> {
  try {
    const { SerialPort } = await import('serialport');
    return SerialPort.binding as SerialBinding;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CanopusError(
      'link/no-driver',
      `The serial port library cannot be loaded: ${why}`,
      { device: 'serial-library' },
      { cause },
    );
  }
}
