import { memoryLinkPair } from '../../../app/contract/memory-link.ts';
import { contractConformance } from '../../conformance/contract.ts';

contractConformance('a pair in memory', () =>
  Promise.resolve({
    connect: (accept) => {
      const [client, server] = memoryLinkPair();
      accept(server);
      return Promise.resolve(client);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);
