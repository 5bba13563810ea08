import type { StreamHistory } from '../../../platform/feed/stream-history.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { pastEvents } from '../../../platform/past/past-events.js';
import { notBegun, type Past } from '../../../platform/past/past-query.js';
import {
  type Customer,
  type CustomerState,
  customerAfter,
  type RecordedCustomerEvent,
  shownCustomer,
} from './customer-fold.js';

/**
 * A customer as they were, folded from their events, without those who were merged into them: whom they were merged into
 * is said. Throws `not_found`, also for a past in which they were unknown.
 */
export async function pastCustomer(
  history: StreamHistory,
  { workspace, charge }: Caller,
  id: string,
  past: Past,
): Promise<{ body: Customer; version: number }> {
  let customer: CustomerState | null = null;
  let version = 0;
  for await (const page of pastEvents(history, { workspace: workspace!, stream: id, past, charge })) {
    for (const event of page) {
      customer = customerAfter(customer, event as RecordedCustomerEvent & typeof event);
      version = event.meta.seq;
    }
  }
  if (customer === null) throw notBegun(id, past);
  return { body: shownCustomer(customer), version };
}
