import type { StreamHistory } from '../../../platform/feed/stream-history.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { pastEvents } from '../../../platform/past/past-events.js';
import { notBegun, type Past } from '../../../platform/past/past-query.js';
import { type Customer, customerAfter, type FoldedCustomer, type RecordedCustomerEvent } from './customer-fold.js';

/** A customer as they were, without any merge, folded from their events. Throws `not_found`, also for a past in which they were unknown. */
export async function pastCustomer(
  history: StreamHistory,
  { workspace, charge }: Caller,
  id: string,
  past: Past,
): Promise<{ body: Customer; version: number }> {
  let folded: FoldedCustomer | null = null;
  let version = 0;
  for await (const page of pastEvents(history, { workspace: workspace!, stream: id, past, charge })) {
    for (const event of page) {
      folded = customerAfter(folded, event as RecordedCustomerEvent & typeof event);
      version = event.meta.seq;
    }
  }
  if (folded === null) throw notBegun(id, past);
  return { body: folded.customer, version };
}
