import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { portLink, type PortLike } from '../../../app/contract/port-link.ts';
import { electronPort, type MainPort } from '../../../main/links/electron-port.ts';
import { contractConformance } from '../../conformance/contract.ts';

/** Node's port with the interface of Electron's MessagePortMain: an event object around each message. */
function asMainPort(port: MessagePort): MainPort {
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) =>
      event === 'message'
        ? port.on('message', (data: unknown) => listener({ data }))
        : port.on('close', () => listener({ data: null })),
    start: () => port.start(),
    close: () => port.close(),
  };
}

/** Node's port with the interface that a page sees. */
function asPagePort(port: MessagePort): PortLike {
  return {
    postMessage: (message) => port.postMessage(message),
    addEventListener: (type: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) => {
      if (type === 'message') port.on('message', (data: unknown) => listener({ data }));
      else port.on('close', () => listener({ data: null }));
    },
    start: () => port.start(),
    close: () => port.close(),
  };
}

contractConformance('an Electron MessagePort', () => {
  const ports: MessagePort[] = [];
  return Promise.resolve({
    connect: (accept) => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1, port2);
      accept(portLink(electronPort(asMainPort(port2))));
      return Promise.resolve(portLink(asPagePort(port1)));
    },
    [Symbol.asyncDispose]: () => {
      for (const port of ports) port.close();
      return Promise.resolve();
    },
  });
});
