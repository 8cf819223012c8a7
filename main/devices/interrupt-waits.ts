/**
 * Ends the waits of all threads of this process that a signal can end, on Linux: among them those of the thread pool
 * that closes serial ports. Node.js cannot signal a thread; but the C library signals every thread when the process
 * changes its user (nptl(7), "NPTL and process credential changes"), even to the same one. System calls that can be
 * restarted are; the wait of a closing port for a device that accepts no bytes (drivers/tty/tty_port.c, `closing_wait`,
 * 30 s) ends. Does nothing on other systems.
 */
export function interruptWaits(): void {
  if (process.platform !== 'linux') return;
  const user = process.geteuid?.();
  if (user !== undefined) process.seteuid?.(user);
}
