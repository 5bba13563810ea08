import { type Decider, isRefusal, type Refusal, refuse } from '../../platform/kernel/decider.js';
import { type ChangeFields, fieldEventsOf, withField } from '../../platform/kernel/fields/held-fields.js';
import type {
  CustomerCommand,
  HoldPlace,
  MergeCustomer,
  Profile,
  ResolveCustomer,
  UnmergeCustomer,
  UpsertCustomer,
} from './customer.commands.js';
import type { CustomerEvent } from './customer.events.js';
import { type CustomerState, stateAtFirst, whole } from './customer.state.js';
import { addedOne, changedOne, given, identitiesAfter } from './identities/identity.decider.js';
import { memberships, membershipsAfter } from './memberships/membership.decider.js';

/**
 *     (nothing) ── created ──► known
 *     (nothing) ── placeholder_created ──► placeholder ── identified ──► known    with the external id that it had, or its first
 *     known, placeholder ── merged ──► merged ── unmerged ──► as before
 *
 * A merged customer is read as another one: it keeps what it has, and takes no more but of its identities.
 */
export const customerDecider: Decider<CustomerCommand, CustomerState, CustomerEvent> = { decide, evolve };

function decide(command: CustomerCommand, kept: CustomerState | null): CustomerEvent[] | Refusal {
  const state = whole(kept);
  if (command.type === 'resolve') return resolved(command, state);
  if (command.type === 'hold_place') return placeHeld(command, state);
  if (command.type === 'upsert' && state === null) return created(command);
  if (state === null) return refuse('not_found', 'There is no such customer in this workspace.');
  switch (command.type) {
    case 'upsert':
      return mergedAway(command, state) ?? upserted(command, state);
    case 'update':
      return mergedAway(command, state) ?? profiled(command, state);
    case 'change_fields':
      return mergedAway(command, state) ?? fieldEventsOf('customer', command, state.fields);
    case 'add_identity':
      return mergedAway(command, state) ?? addedOne(command.identity, state);
    case 'join_company':
    case 'join_tenant':
      return mergedAway(command, state) ?? memberships(command, state);
    case 'leave_company':
    case 'leave_tenant':
      return memberships(command, state);
    case 'verify_identity':
    case 'unverify_identity':
    case 'prefer_identity':
    case 'remove_identity':
      return changedOne(command, state);
    case 'merge':
      return merged(command, state);
    case 'unmerge':
      return unmerged(command, state);
    default:
      return command satisfies never;
  }
}

function created(command: UpsertCustomer): CustomerEvent[] | Refusal {
  const { externalId, name, identities } = command;
  const event: CustomerEvent = { type: 'customer.created', data: { external_id: externalId, name } };
  const state = evolve(null, event);
  const known = given(identities, state);
  // What is required is asked for when their fields are changed.
  const values = fieldEventsOf('customer', { ...(command.fields ?? NO_FIELDS), required: [] }, {});
  if (isRefusal(values)) return values;
  return isRefusal(known) ? known : [event, ...profiled(command, state), ...known, ...values];
}

const NO_FIELDS: ChangeFields = { changes: [], replaces: false, required: [] };

function upserted(command: UpsertCustomer, state: CustomerState): CustomerEvent[] | Refusal {
  const { customer, externalId, externalIdOf, identities } = command;
  const begun: CustomerEvent[] = [];
  if (externalIdOf === null) {
    if (!state.isPlaceholder) {
      return refuse(
        'identity_taken',
        `One of the identities is ${customer}'s, who has another external id. Merge the two, or remove it there first.`,
      );
    }
    begun.push({ type: 'customer.identified', data: { external_id: externalId } });
  } else if (state.isPlaceholder && externalIdOf === customer) {
    begun.push({ type: 'customer.identified', data: { external_id: externalId } });
  }
  const known = given(identities, state);
  return isRefusal(known) ? known : [...begun, ...profiled(command, state), ...known];
}

function resolved({ channel, identity, name, isRefused }: ResolveCustomer, state: CustomerState | null) {
  if (state !== null) return [];
  if (isRefused) {
    return refuse(
      'unknown_customer',
      `Nobody is known by this identity, and the workspace's rules make no placeholder on ${channel}.`,
    );
  }
  const event: CustomerEvent = { type: 'customer.placeholder_created', data: { channel, name, external_id: null } };
  const known = given([identity], evolve(null, event));
  return isRefusal(known) ? known : [event, ...known];
}

/** Whoever is known by then, by an upsert that came before, stays as they are. */
function placeHeld({ channel, externalId, name }: HoldPlace, state: CustomerState | null): CustomerEvent[] {
  if (state !== null) return [];
  return [{ type: 'customer.placeholder_created', data: { channel, name, external_id: externalId } }];
}

/** An event for each field that is not as it should be. */
function profiled({ name, language, timeZone }: Profile, state: CustomerState): CustomerEvent[] {
  const events: CustomerEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'customer.renamed', data: { name } });
  if (language !== undefined && language !== state.language) {
    events.push({ type: 'customer.language_changed', data: { language } });
  }
  if (timeZone !== undefined && timeZone !== state.timeZone) {
    events.push({ type: 'customer.time_zone_changed', data: { time_zone: timeZone } });
  }
  return events;
}

function mergedAway(
  { despiteMergeInto }: { despiteMergeInto?: string | null | undefined },
  { merged: into }: CustomerState,
) {
  return into === null || into.into === despiteMergeInto ? null : isMerged(into.into);
}

function isMerged(into: string): Refusal {
  return refuse('customer_merged', `The customer was merged into ${into}. Use that one, or undo the merge.`);
}

function merged({ customer, into, undoUntil }: MergeCustomer, state: CustomerState): CustomerEvent[] | Refusal {
  if (into === customer) {
    return refuse('merge_into_itself', `${customer} cannot be merged into itself, or into one that is read as it.`);
  }
  if (state.merged !== null) return isMerged(state.merged.into);
  return [{ type: 'customer.merged', data: { into_id: into, undo_until: undoUntil } }];
}

function unmerged({ now }: UnmergeCustomer, { merged: merge }: CustomerState): CustomerEvent[] | Refusal {
  if (merge === null) return refuse('customer_not_merged', 'The customer is merged into no other.');
  if (now > merge.undoUntil) {
    const ended = new Date(merge.undoUntil).toISOString();
    return refuse('merge_final', `The merge could be undone until ${ended}, and stays.`);
  }
  return [{ type: 'customer.unmerged', data: { from_id: merge.into } }];
}

function evolve(kept: CustomerState | null, event: CustomerEvent): CustomerState {
  if (event.type === 'customer.created') return stateAtFirst(event.data.name, false);
  if (event.type === 'customer.placeholder_created') return stateAtFirst(event.data.name, true);
  const state = whole(kept);
  if (state === null) throw new Error(`A customer's first event is ${event.type}.`);
  switch (event.type) {
    case 'customer.identified':
      return { ...state, isPlaceholder: false };
    case 'customer.renamed':
      return { ...state, name: event.data.name };
    case 'customer.language_changed':
      return { ...state, language: event.data.language };
    case 'customer.time_zone_changed':
      return { ...state, timeZone: event.data.time_zone };
    case 'customer.identity_added':
    case 'customer.identity_verified':
    case 'customer.identity_unverified':
    case 'customer.identity_made_primary':
    case 'customer.identity_removed':
      return { ...state, identities: identitiesAfter(state.identities, event) };
    case 'customer.company_joined':
    case 'customer.company_left':
    case 'customer.tenant_joined':
    case 'customer.tenant_left':
      return { ...state, ...membershipsAfter(state, event) };
    case 'customer.field_set':
      return { ...state, fields: withField(state.fields, { verb: 'field_set', data: event.data }) };
    case 'customer.field_cleared':
      return { ...state, fields: withField(state.fields, { verb: 'field_cleared', data: event.data }) };
    case 'customer.merged':
      return { ...state, merged: { into: event.data.into_id, undoUntil: event.data.undo_until } };
    case 'customer.unmerged':
      return { ...state, merged: null };
    default:
      return event satisfies never;
  }
}
