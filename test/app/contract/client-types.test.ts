import { expectTypeOf, it } from 'vitest';
import type { ContractClient } from '../../../app/contract/client.ts';
import type { testContract } from '../../conformance/contract-station.ts';

type Client = ContractClient<typeof testContract>;

// Checked by the compiler, with all other types; nothing of it runs.

it('results of calls and events of streams have the types of their schemas', () => {
  const sum = (client: Client) => client.call('math.add', { a: 1, b: 2 });
  expectTypeOf(sum).returns.resolves.toEqualTypeOf<{ readonly sum: number }>();
  const first = async (client: Client) => {
    for await (const event of client.stream('count.up', { to: 3 })) return event;
    return null;
  };
  expectTypeOf(first).returns.resolves.toEqualTypeOf<number | null>();
});

it('names, inputs and kinds that the contract does not have do not compile', () => {
  // @ts-expect-error no such name
  const unknownName = (client: Client) => client.call('math.multiply', null);
  // @ts-expect-error a text for a number
  const wrongInput = (client: Client) => client.call('math.add', { a: '1', b: 2 });
  // @ts-expect-error a field too many
  const fieldTooMany = (client: Client) => client.call('math.add', { a: 1, b: 2, c: 3 });
  // @ts-expect-error a stream is not called
  const streamCalled = (client: Client) => client.call('count.up', { to: 3 });
  // @ts-expect-error a call is not followed
  const callFollowed = (client: Client) => client.stream('math.add', { a: 1, b: 2 });
  expectTypeOf([unknownName, wrongInput, fieldTooMany, streamCalled, callFollowed]).toBeArray();
});
