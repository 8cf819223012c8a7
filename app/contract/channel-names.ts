/**
 * The contract on the wire: what both ends of a socket name, so that neither speaks by accident to another program. The
 * number grows when frames change, not when calls are added.
 */
export const contractProtocol = 'canopus.contract.1';

/** The path of the contract's WebSocket on a headless station. */
export const contractPath = '/contract';

/** How Electron's page asks its preload script for a port. */
export const portRequest = 'canopus:port?';

/** How a port is handed over, to the page and to the main process. */
export const portChannel = 'canopus:port';
