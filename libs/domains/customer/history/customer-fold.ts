import type { z } from 'zod';
import type { EventMeta } from '../../../platform/kernel/event.js';
import type { CustomerEvent } from '../customer.events.js';
import type { customerInFull, customerResource } from '../customer.resources.js';

export type Customer = z.output<typeof customerInFull>;
type Fields = z.output<typeof customerResource>;
type Identity = Customer['identities'][number];

export type RecordedCustomerEvent = CustomerEvent & { meta: EventMeta };

interface KnownIdentity extends Omit<Identity, 'primary'> {
  /** The seq at which it was last made the first choice of its kind and channel; 0 for never. */
  preferredAt: number;
}

/** What is folded. Of several identities of one kind and channel the one preferred last is primary. */
export interface CustomerState {
  fields: Fields;
  identities: readonly KnownIdentity[];
  companies: readonly string[];
  tenants: readonly string[];
}

type EventOf<Type> = Extract<RecordedCustomerEvent, { type: Type }>;
type Begun = 'customer.created' | 'customer.placeholder_created';
type Change<Event> = (before: CustomerState, event: Event) => CustomerState;

const iso = (ms: number) => new Date(ms).toISOString();

/** A change of the customer's own fields, which alone moves `updated_at`. */
function fields<Event extends RecordedCustomerEvent>(changes: (event: Event) => Partial<Fields>): Change<Event> {
  return (before, event) => {
    const updated_at = iso(event.meta.occurred_at);
    return { ...before, fields: { ...before.fields, ...changes(event), updated_at } };
  };
}

/** A change of one identity. */
function identity<Event extends RecordedCustomerEvent & { data: { identity_id: string } }>(
  changes: (event: Event) => Partial<KnownIdentity>,
): Change<Event> {
  return (before, event) => ({
    ...before,
    identities: before.identities.map((one) =>
      one.id === event.data.identity_id ? { ...one, ...changes(event) } : one,
    ),
  });
}

const withOne = (ids: readonly string[], id: string) => [...new Set([...ids, id])].sort();
const without = (ids: readonly string[], id: string) => ids.filter((one) => one !== id);

/** What each kind of event changes: one that is missing here does not compile. */
const CHANGES: { readonly [Type in Exclude<CustomerEvent['type'], Begun>]: Change<EventOf<Type>> } = {
  'customer.identified': fields(({ data }) => ({ external_id: data.external_id, placeholder: false })),
  'customer.renamed': fields(({ data }) => ({ name: data.name })),
  'customer.language_changed': fields(({ data }) => ({ language: data.language })),
  'customer.time_zone_changed': fields(({ data }) => ({ time_zone: data.time_zone })),
  'customer.merged': fields(({ data }) => ({ merged_into_id: data.into_id, undo_until: iso(data.undo_until) })),
  'customer.unmerged': fields(() => ({ merged_into_id: null, undo_until: null })),
  'customer.identity_added': (before, { meta, data }) => {
    const added = {
      id: data.identity_id,
      customer_id: meta.stream,
      kind: data.kind as Identity['kind'],
      channel: data.channel,
      value: data.value,
      verified: data.verified,
      added_at: iso(meta.occurred_at),
      preferredAt: data.primary ? meta.seq : 0,
    };
    const identities = [...before.identities, added].sort((a, b) => (a.id < b.id ? -1 : 1));
    return { ...before, identities };
  },
  'customer.identity_verified': identity(() => ({ verified: true })),
  'customer.identity_unverified': identity(() => ({ verified: false })),
  'customer.identity_made_primary': identity(({ meta }) => ({ preferredAt: meta.seq })),
  'customer.identity_removed': (before, { data }) => ({
    ...before,
    identities: before.identities.filter(({ id }) => id !== data.identity_id),
  }),
  'customer.company_joined': (before, { data }) => ({
    ...before,
    companies: withOne(before.companies, data.company_id),
  }),
  'customer.company_left': (before, { data }) => ({ ...before, companies: without(before.companies, data.company_id) }),
  'customer.tenant_joined': (before, { data }) => ({ ...before, tenants: withOne(before.tenants, data.tenant_id) }),
  'customer.tenant_left': (before, { data }) => ({ ...before, tenants: without(before.tenants, data.tenant_id) }),
};

/** A customer after one more event. Pure. Null before the one that made them known. */
export function customerAfter(before: CustomerState | null, event: RecordedCustomerEvent): CustomerState | null {
  if (event.type === 'customer.created' || event.type === 'customer.placeholder_created') return begun(event);
  if (before === null) return null;
  const change = CHANGES[event.type] as Change<RecordedCustomerEvent> | undefined;
  if (change === undefined) throw new Error(`${event.type} has no case: give it one in history/customer-fold.ts.`);
  return change(before, event);
}

/** As the API shows a customer without any merge. */
export function shownCustomer({ fields: own, identities, companies, tenants }: CustomerState): Customer {
  return {
    ...own,
    identities: identities.map(({ preferredAt, ...one }) => ({
      ...one,
      primary:
        preferredAt > 0 &&
        identities.every(
          (other) => other.kind !== one.kind || other.channel !== one.channel || other.preferredAt <= preferredAt,
        ),
    })),
    company_ids: [...companies],
    tenant_ids: [...tenants],
    merged_ids: [],
    asked_for_id: null,
  };
}

function begun(event: EventOf<Begun>): CustomerState {
  const { meta, data } = event;
  const at = iso(meta.occurred_at);
  const own: Fields = {
    id: meta.stream,
    external_id: event.type === 'customer.created' ? event.data.external_id : null,
    name: data.name,
    language: null,
    time_zone: null,
    placeholder: event.type === 'customer.placeholder_created',
    merged_into_id: null,
    undo_until: null,
    created_at: at,
    updated_at: at,
  };
  return { fields: own, identities: [], companies: [], tenants: [] };
}
