import type { PortLike } from '../../app/contract/port-link.ts';

/** The part of Electron's MessagePortMain that is used; node:worker_threads has it except for the event's shape. */
export interface MainPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** Electron's end of a port in the main process, which is an EventEmitter, with the interface of the other end. */
export function electronPort(port: MainPort): PortLike {
  function addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  function addEventListener(type: 'close', listener: () => void): void;
  function addEventListener(
    type: 'message' | 'close',
    listener: (event: { readonly data: unknown }) => void,
  ): void {
    if (type === 'message') port.on('message', listener);
    else port.on('close', () => listener({ data: null }));
  }
  return {
    postMessage: (message) => port.postMessage(message),
    addEventListener,
    start: () => port.start(),
    close: () => port.close(),
  };
}
