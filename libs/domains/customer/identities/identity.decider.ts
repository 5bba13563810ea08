import { type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { ChangeIdentity, GivenIdentity } from '../customer.commands.js';
import type { IdentityEvent } from '../customer.events.js';
import type { CustomerState, KnownIdentity } from '../customer.state.js';

type Named = Pick<KnownIdentity, 'kind' | 'channel'>;

/** The state is loaded for each command on the customer: it keeps to what a person has. */
export const MOST_IDENTITIES = 50;

/** What comes of identities that a customer is to have: those that they have are verified or preferred as asked for. */
export function given(
  identities: readonly GivenIdentity[],
  state: Pick<CustomerState, 'identities'>,
): IdentityEvent[] | Refusal {
  const events: IdentityEvent[] = [];
  let known = state.identities;
  for (const identity of identities) {
    const own = known.find((one) => isSame(one, identity));
    if (own === undefined && identity.takenBy !== null) return taken(identity.takenBy);
    const next = own === undefined ? [added(identity, known)] : changed(own, identity);
    for (const event of next) known = identitiesAfter(known, event);
    events.push(...next);
  }
  if (known.length > MOST_IDENTITIES && known.length > state.identities.length) {
    return refuse('too_many', `A customer has ${MOST_IDENTITIES} identities at most. Remove one first.`);
  }
  return events;
}

/** One more: refused where the customer has it already. */
export function addedOne(identity: GivenIdentity, state: CustomerState): IdentityEvent[] | Refusal {
  const own = state.identities.find((one) => isSame(one, identity));
  if (own !== undefined) return refuse('already_identified', `The customer has this identity already, as ${own.id}.`);
  return given([identity], state);
}

export function changedOne(command: ChangeIdentity, state: CustomerState): IdentityEvent[] | Refusal {
  const identity = state.identities.find(({ id }) => id === command.identity);
  if (identity === undefined) {
    return refuse('unknown_reference', `The customer has no identity ${command.identity}.`);
  }
  const data = { identity_id: identity.id };
  switch (command.type) {
    case 'verify_identity':
      return identity.verified ? unchanged(identity, 'verified') : [{ type: 'customer.identity_verified', data }];
    case 'unverify_identity':
      return identity.verified ? [{ type: 'customer.identity_unverified', data }] : unchanged(identity, 'not verified');
    case 'prefer_identity':
      return identity.primary ? unchanged(identity, 'primary') : [{ type: 'customer.identity_made_primary', data }];
    case 'remove_identity':
      return removed(identity, state.identities);
    default:
      return command.type satisfies never;
  }
}

/** The identities as an event leaves them. */
export function identitiesAfter(identities: readonly KnownIdentity[], event: IdentityEvent): readonly KnownIdentity[] {
  const { identity_id: id } = event.data;
  switch (event.type) {
    case 'customer.identity_added': {
      const { kind, channel, value, verified, primary } = event.data;
      const identity = { id, kind: kind as KnownIdentity['kind'], channel, value, verified, primary: false };
      const all = [...identities, identity];
      return primary ? withPrimary(all, id) : all;
    }
    case 'customer.identity_verified':
    case 'customer.identity_unverified': {
      const verified = event.type === 'customer.identity_verified';
      return identities.map((one) => (one.id === id ? { ...one, verified } : one));
    }
    case 'customer.identity_made_primary':
      return withPrimary(identities, id);
    case 'customer.identity_removed':
      return identities.filter((one) => one.id !== id);
    default:
      return event satisfies never;
  }
}

function added(
  { id, kind, channel, value, verified, primary }: GivenIdentity,
  known: readonly KnownIdentity[],
): IdentityEvent {
  const isFirst = !known.some((one) => isAlike(one, { kind, channel }));
  return {
    type: 'customer.identity_added',
    data: { identity_id: id, kind, channel, value, verified: verified ?? false, primary: primary === true || isFirst },
  };
}

function changed(own: KnownIdentity, { verified, primary }: GivenIdentity): IdentityEvent[] {
  const data = { identity_id: own.id };
  const events: IdentityEvent[] = [];
  if (verified !== undefined && verified !== own.verified) {
    events.push({ type: verified ? 'customer.identity_verified' : 'customer.identity_unverified', data });
  }
  if (primary === true && !own.primary) events.push({ type: 'customer.identity_made_primary', data });
  return events;
}

/** With the primary one goes its place, which the oldest of the same kind and channel takes. */
function removed(identity: KnownIdentity, all: readonly KnownIdentity[]): IdentityEvent[] {
  const { id: identity_id, kind, channel, value, primary } = identity;
  const events: IdentityEvent[] = [{ type: 'customer.identity_removed', data: { identity_id, kind, channel, value } }];
  const next = all.find((one) => one.id !== identity_id && isAlike(one, identity));
  if (primary && next !== undefined) {
    events.push({ type: 'customer.identity_made_primary', data: { identity_id: next.id } });
  }
  return events;
}

function withPrimary(identities: readonly KnownIdentity[], id: string): KnownIdentity[] {
  const preferred = identities.find((one) => one.id === id);
  return identities.map((one) =>
    preferred !== undefined && isAlike(one, preferred) ? { ...one, primary: one.id === id } : one,
  );
}

function isAlike(a: Named, b: Named): boolean {
  return a.kind === b.kind && a.channel === b.channel;
}

function isSame(a: Named & { value: string }, b: Named & { value: string }): boolean {
  return isAlike(a, b) && a.value === b.value;
}

function unchanged({ id }: KnownIdentity, so: string): Refusal {
  return refuse('identity_unchanged', `The identity ${id} is ${so} already.`);
}

function taken(owner: string): Refusal {
  return refuse('identity_taken', `The identity is ${owner}'s. Merge the two, or remove it there first.`);
}
