import type { EventData } from '../../contract/generated/event-data.js';
import type { Aggregate } from '../../platform/commands/command.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type LabelEvent =
  | DomainEvent<'label.created', EventData['label.created']>
  | DomainEvent<'label.renamed', EventData['label.renamed']>;

/** Something that happens elsewhere, for endpoints to be told of: labels, as their events say, each made and renamed. */
export const labelAggregate: Aggregate<{ name: string }, { name: string }, LabelEvent> = {
  type: 'label',
  prefix: 'lbl',
  decider: {
    decide: ({ name }, state) =>
      state === null
        ? [{ type: 'label.created', data: { name, color: '#808080', description: null } }]
        : [{ type: 'label.renamed', data: { name } }],
    evolve: (_, { data }) => ({ name: data.name }),
  },
  subjectOf: () => null,
};
