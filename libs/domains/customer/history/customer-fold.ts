import type { z } from 'zod';
import type { EventMeta } from '../../../platform/kernel/event.js';
import type { CustomerEvent } from '../customer.events.js';
import type { customerResource } from '../customer.operations.js';

export type Customer = z.output<typeof customerResource>;
export type RecordedCustomerEvent = CustomerEvent & { meta: EventMeta };

type Changing = Exclude<CustomerEvent['type'], 'customer.created'>;
type EventOf<Type> = Extract<RecordedCustomerEvent, { type: Type }>;

/** What each kind of event changes of a customer, with `updated_at`: one that is missing here does not compile. */
const CHANGES: { readonly [Type in Changing]: (event: EventOf<Type>, before: Customer) => Partial<Customer> } = {
  'customer.renamed': ({ data }) => ({ name: data.name }),
};

/** A customer after one more event, as the API shows them. Pure. Null before the one that made them known. */
export function customerAfter(before: Customer | null, event: RecordedCustomerEvent): Customer | null {
  const { meta } = event;
  const at = new Date(meta.occurred_at).toISOString();
  if (event.type === 'customer.created') {
    const { external_id, name } = event.data;
    return { id: meta.stream, external_id, name, created_at: at, updated_at: at };
  }
  if (before === null) return null;
  const changes = CHANGES[event.type] as
    | ((event: RecordedCustomerEvent, before: Customer) => Partial<Customer>)
    | undefined;
  if (changes === undefined) throw new Error(`${event.type} has no case: give it one in history/customer-fold.ts.`);
  return { ...before, ...changes(event, before), updated_at: at };
}
