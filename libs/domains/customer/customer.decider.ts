import type { Decider, Refusal } from '../../platform/kernel/decider.js';
import type { CustomerEvent } from './customer.events.js';

/** Makes a customer known, or brings what is known of them up to date. */
export interface UpsertCustomer {
  externalId: string;
  name: string;
}

export interface CustomerState {
  name: string;
}

export const customerDecider: Decider<UpsertCustomer, CustomerState, CustomerEvent> = { decide, evolve };

function decide(command: UpsertCustomer, state: CustomerState | null): CustomerEvent[] | Refusal {
  if (state === null) {
    return [
      {
        type: 'customer.created',
        data: { external_id: command.externalId, name: command.name },
      },
    ];
  }
  const events: CustomerEvent[] = [];
  if (command.name !== state.name) events.push({ type: 'customer.renamed', data: { name: command.name } });
  return events;
}

function evolve(state: CustomerState | null, event: CustomerEvent): CustomerState {
  if (event.type === 'customer.created') return { name: event.data.name };
  if (state === null) throw new Error(`A customer's first event is ${event.type}.`);
  switch (event.type) {
    case 'customer.renamed':
      return { name: event.data.name };
    default:
      return event satisfies never;
  }
}
