import type { EventData } from '../../contract/generated/event-data.js';
import type { Aggregate } from '../../platform/commands/command.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type CustomerEvent = DomainEvent<'customer.renamed', EventData['customer.renamed']>;

/** Somebody whose name is in events: what they are called, again and again. */
export const customerAggregate: Aggregate<{ name: string }, { isKnown: true }, CustomerEvent> = {
  type: 'customer',
  prefix: 'cus',
  decider: {
    decide: ({ name }) => [{ type: 'customer.renamed', data: { name } }],
    evolve: () => ({ isKnown: true }),
  },
  subjectOf: (_, stream) => stream,
  personalState: true,
};
