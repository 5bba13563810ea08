import type { z } from 'zod';
import { withoutShownValue, withShownValue } from '../../../platform/fields/shown-values.js';
import type { EventMeta } from '../../../platform/kernel/event.js';
import type { CustomerBegun, CustomerEvent } from '../customer.events.js';
import type { customerInFull } from '../customer.resources.js';

export type Customer = z.output<typeof customerInFull>;
export type RecordedCustomerEvent = CustomerEvent & { meta: EventMeta };

/** A customer with the events that made identities the first choice of their kind: the last one holds. */
export interface FoldedCustomer {
  customer: Customer;
  preferredAt: Readonly<Record<string, number>>;
}

type Identity = Customer['identities'][number];
type Changing = Exclude<CustomerEvent['type'], CustomerBegun['type']>;
type EventOf<Type> = Extract<RecordedCustomerEvent, { type: Type }>;
type Case<Type> = (event: EventOf<Type>, before: FoldedCustomer) => FoldedCustomer;

/** What each kind of event changes of a customer: one that is missing here does not compile. */
const CASES: { readonly [Type in Changing]: Case<Type> } = {
  'customer.identified': (event, before) =>
    changed(event, before, { external_id: event.data.external_id, placeholder: false }),
  'customer.renamed': (event, before) => changed(event, before, { name: event.data.name }),
  'customer.language_changed': (event, before) => changed(event, before, { language: event.data.language }),
  'customer.time_zone_changed': (event, before) => changed(event, before, { time_zone: event.data.time_zone }),
  'customer.field_set': (event, before) =>
    changed(event, before, { fields: withShownValue(before.customer.fields, event.data) }),
  'customer.field_cleared': (event, before) =>
    changed(event, before, { fields: withoutShownValue(before.customer.fields, event.data.key) }),
  'customer.merged': (event, before) =>
    changed(event, before, { merged_into_id: event.data.into_id, undo_until: timeOf(event.data.undo_until) }),
  'customer.unmerged': (event, before) => changed(event, before, { merged_into_id: null, undo_until: null }),
  'customer.identity_added': ({ data, meta }, before) => {
    const { identity_id: id, value, verified, primary } = data;
    const added_at = timeOf(meta.occurred_at);
    const known = { id, customer_id: meta.stream, value, verified, primary: false, added_at };
    const identity = { ...known, kind: data.kind, channel: data.channel } as Identity;
    const preferredAt = primary ? { ...before.preferredAt, [id]: meta.seq } : before.preferredAt;
    return withIdentities(before, [...before.customer.identities, identity].sort(byId), preferredAt);
  },
  'customer.identity_verified': ({ data }, before) => verified(before, data.identity_id, true),
  'customer.identity_unverified': ({ data }, before) => verified(before, data.identity_id, false),
  'customer.identity_made_primary': ({ data, meta }, before) =>
    withIdentities(before, before.customer.identities, { ...before.preferredAt, [data.identity_id]: meta.seq }),
  'customer.identity_removed': ({ data }, before) =>
    withIdentities(
      before,
      before.customer.identities.filter(({ id }) => id !== data.identity_id),
    ),
  'customer.company_joined': ({ data }, before) =>
    withChanges(before, { company_ids: joined(before.customer.company_ids, data.company_id) }),
  'customer.company_left': ({ data }, before) =>
    withChanges(before, { company_ids: before.customer.company_ids.filter((id) => id !== data.company_id) }),
  'customer.tenant_joined': ({ data }, before) =>
    withChanges(before, { tenant_ids: joined(before.customer.tenant_ids, data.tenant_id) }),
  'customer.tenant_left': ({ data }, before) =>
    withChanges(before, { tenant_ids: before.customer.tenant_ids.filter((id) => id !== data.tenant_id) }),
};

/** A customer after one more event, as the API shows one without those who were merged into it. Pure. Null before the first. */
export function customerAfter(before: FoldedCustomer | null, event: RecordedCustomerEvent): FoldedCustomer | null {
  if (event.type === 'customer.created' || event.type === 'customer.placeholder_created') return begun(event);
  if (before === null) return null;
  const fold = CASES[event.type] as Case<Changing> | undefined;
  if (fold === undefined) throw new Error(`${event.type} has no case: give it one in history/customer-fold.ts.`);
  return fold(event as EventOf<Changing>, before);
}

function begun(event: CustomerBegun & { meta: EventMeta }): FoldedCustomer {
  const at = timeOf(event.meta.occurred_at);
  const customer: Customer = {
    id: event.meta.stream,
    external_id: event.data.external_id,
    name: event.data.name,
    language: null,
    time_zone: null,
    placeholder: event.type === 'customer.placeholder_created',
    merged_into_id: null,
    undo_until: null,
    fields: {},
    created_at: at,
    updated_at: at,
    identities: [],
    company_ids: [],
    tenant_ids: [],
    merged_ids: [],
    asked_for_id: null,
  };
  return { customer, preferredAt: {} };
}

function withChanges(before: FoldedCustomer, changes: Partial<Customer>): FoldedCustomer {
  return { ...before, customer: { ...before.customer, ...changes } };
}

/** What is the customer's own, and not of what they are known by or belong to: its time counts. */
function changed({ meta }: { meta: EventMeta }, before: FoldedCustomer, changes: Partial<Customer>): FoldedCustomer {
  return withChanges(before, { ...changes, updated_at: timeOf(meta.occurred_at) });
}

function verified(before: FoldedCustomer, identity: string, isVerified: boolean): FoldedCustomer {
  const { identities } = before.customer;
  return withIdentities(
    before,
    identities.map((one) => (one.id === identity ? { ...one, verified: isVerified } : one)),
  );
}

function withIdentities(
  before: FoldedCustomer,
  identities: readonly Identity[],
  preferredAt = before.preferredAt,
): FoldedCustomer {
  const last = new Map<string, number>();
  const alike = ({ kind, channel }: Identity) => JSON.stringify([kind, channel]);
  for (const one of identities) {
    last.set(alike(one), Math.max(last.get(alike(one)) ?? 0, preferredAt[one.id] ?? 0));
  }
  const shown = identities.map((one) => {
    const at = preferredAt[one.id] ?? 0;
    return { ...one, primary: at > 0 && at === last.get(alike(one)) };
  });
  return { customer: { ...before.customer, identities: shown }, preferredAt };
}

function joined(ids: readonly string[], id: string): string[] {
  return [...new Set([...ids, id])].sort();
}

function byId(a: Identity, b: Identity): number {
  return a.id < b.id ? -1 : 1;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
