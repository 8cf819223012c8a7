/**
 * Ends the waits of all threads of this process that a signal can end, on Linux: those of the thread pool that closes
 * serial ports among them. Node.js has no way to signal a thread; but the C library tells every thread by a signal when
 * the process changes its user (nptl(7), "NPTL and process credential changes"), also where it is the same one. System
 * calls that can be begun anew are; the wait of a closing port for a device that takes no bytes
 * (drivers/tty/tty_port.c, `closing_wait`, 30 s) is over. Does nothing on other systems.
 */
export function interruptWaits(): void {
  if (process.platform !== 'linux') return;
  const user = process.geteuid?.();
  if (user !== undefined) process.seteuid?.(user);
}
