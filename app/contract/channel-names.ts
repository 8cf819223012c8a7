/**
 * The contract's names on the wire, so that neither end of a socket talks to another program by accident. The number
 * grows when frames change, not when calls are added.
 */
export const contractProtocol = 'canopus.contract.1';

/** The path of the contract's WebSocket on a headless station. */
export const contractPath = '/contract';

/**
 * How a page says its key when it opens the WebSocket: a second subprotocol, because a page can set no header there.
 * The server never selects it.
 */
export const pageKeyProtocol = 'canopus.page.';

/** The part of the address in which a page gets its key: what follows # is sent to no server. */
export const pageKeyHash = '#page-key=';

/** The message by which Electron's page asks its preload script for a port. */
export const portRequest = 'canopus:port?';

/** The message that passes a port on, to the page and to the main process. */
export const portChannel = 'canopus:port';
