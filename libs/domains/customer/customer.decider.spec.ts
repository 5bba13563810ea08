import { specify } from '../../platform/testing/decider-specification.js';
import type { CustomerCommand, GivenIdentity, UpsertCustomer } from './customer.commands.js';
import { customerDecider } from './customer.decider.js';
import type { CustomerEvent } from './customer.events.js';
import type { CustomerState } from './customer.state.js';
import { MOST_IDENTITIES } from './identities/identity.decider.js';
import { MOST_MEMBERSHIPS } from './memberships/membership.decider.js';

const given = specify(customerDecider);
const created: CustomerEvent = { type: 'customer.created', data: { external_id: 'ada', name: 'Ada' } };
const renamed: CustomerEvent = { type: 'customer.renamed', data: { name: 'Ada L.' } };
const placeholder: CustomerEvent = {
  type: 'customer.placeholder_created',
  data: { channel: 'email', name: 'ada@example.org', external_id: null },
};
const FRESH = {
  name: 'Ada',
  isPlaceholder: false,
  language: null,
  timeZone: null,
  identities: [],
  companies: [],
  tenants: [],
  merged: null,
  fields: {},
};

const email = (id: string, value: string, more: Partial<GivenIdentity> = {}): GivenIdentity => ({
  id,
  kind: 'email',
  channel: null,
  value,
  takenBy: null,
  ...more,
});
const added = (id: string, value: string, primary = false, verified = false): CustomerEvent => ({
  type: 'customer.identity_added',
  data: { identity_id: id, kind: 'email', channel: null, value, verified, primary },
});
const of = (type: `customer.identity_${'verified' | 'unverified' | 'made_primary'}`, identity_id: string) =>
  ({ type, data: { identity_id } }) as CustomerEvent;
const removed = (identity_id: string, value: string): CustomerEvent => ({
  type: 'customer.identity_removed',
  data: { identity_id, kind: 'email', channel: null, value },
});

/** By the external id, unless the identities led to the stream. */
const upsert = (name: string, more: Partial<UpsertCustomer> = {}): CustomerCommand => ({
  type: 'upsert',
  customer: 'cus_ada',
  externalId: 'ada',
  externalIdOf: 'cus_ada',
  name,
  identities: [],
  ...more,
});
const adding = (identity: GivenIdentity): CustomerCommand => ({ type: 'add_identity', customer: 'cus_ada', identity });

describe('an upsert', () => {
  it('makes a customer known', () => {
    expect(given().when(upsert('Ada')).thenEvents(created)).toEqual(FRESH);
  });

  it('makes them known with a profile and identities, the first of a kind the primary one', () => {
    const identities = [email('idn_1', 'a@x'), email('idn_2', 'b@x', { verified: true })];
    const state = given()
      .when(upsert('Ada', { language: 'en', timeZone: 'Europe/London', identities }))
      .thenEvents(
        created,
        { type: 'customer.language_changed', data: { language: 'en' } },
        { type: 'customer.time_zone_changed', data: { time_zone: 'Europe/London' } },
        added('idn_1', 'a@x', true),
        added('idn_2', 'b@x', false, true),
      );
    expect(state).toMatchObject({ language: 'en', timeZone: 'Europe/London' });
  });

  it('renames one that is known, and back', () => {
    given(created).when(upsert('Ada L.')).thenEvents(renamed);
    given(created, renamed)
      .when(upsert('Ada'))
      .thenEvents({ type: 'customer.renamed', data: { name: 'Ada' } });
  });

  it('has nothing to say where nothing changes', () => {
    given(created)
      .when(upsert('Ada', { language: null }))
      .thenEvents();
    given(created, renamed).when(upsert('Ada L.')).thenEvents();
    const identities = [email('idn_2', 'a@x', { primary: true })];
    given(created, added('idn_1', 'a@x', true))
      .when(upsert('Ada', { identities }))
      .thenEvents();
  });

  it('verifies and prefers what is known, and leaves what it does not say', () => {
    const known = [added('idn_1', 'a@x', true), added('idn_2', 'b@x', false, true)];
    const identities = [email('n1', 'a@x', { verified: true }), email('n2', 'b@x', { primary: true })];
    const state = given(created, ...known)
      .when(upsert('Ada', { identities }))
      .thenEvents(of('customer.identity_verified', 'idn_1'), of('customer.identity_made_primary', 'idn_2'));
    expect((state as CustomerState).identities).toMatchObject([
      { id: 'idn_1', verified: true, primary: false },
      { id: 'idn_2', verified: true, primary: true },
    ]);
  });

  it('gives a placeholder its external id, and no other customer a second one', () => {
    const led = upsert('Ada', { externalIdOf: null });
    const state = given(placeholder)
      .when(led)
      .thenEvents(
        { type: 'customer.identified', data: { external_id: 'ada' } },
        { type: 'customer.renamed', data: { name: 'Ada' } },
      );
    expect(state).toMatchObject({ isPlaceholder: false, name: 'Ada' });
    given(created).when(led).thenRefused('identity_taken');
  });

  it('is refused whole where another customer has one of the identities', () => {
    const identities = [email('idn_1', 'a@x'), email('idn_2', 'b@x', { takenBy: 'cus_bo' })];
    given().when(upsert('Ada', { identities })).thenRefused('identity_taken');
    given(created).when(upsert('Ada L.', { identities })).thenRefused('identity_taken');
  });
});

describe('an identity', () => {
  it('is added once, and is primary where it is asked for', () => {
    given(created)
      .when(adding(email('idn_1', 'a@x')))
      .thenEvents(added('idn_1', 'a@x', true));
    given(created, added('idn_1', 'a@x', true))
      .when(adding(email('idn_2', 'b@x', { primary: true })))
      .thenEvents(added('idn_2', 'b@x', true));
    given(created, added('idn_1', 'a@x', true))
      .when(adding(email('idn_2', 'a@x')))
      .thenRefused('already_identified');
    given(created)
      .when(adding(email('idn_1', 'a@x', { takenBy: 'cus_bo' })))
      .thenRefused('identity_taken');
  });

  it('of another kind or channel is another one', () => {
    const handle = email('idn_2', 'a@x', { kind: 'handle', channel: 'chat' });
    given(created, added('idn_1', 'a@x', true))
      .when(adding(handle))
      .thenEvents({
        type: 'customer.identity_added',
        data: { identity_id: 'idn_2', kind: 'handle', channel: 'chat', value: 'a@x', verified: false, primary: true },
      });
  });

  it('is verified and not, and preferred, once each', () => {
    const two = given(created, added('idn_1', 'a@x', true), added('idn_2', 'b@x'));
    two.when({ type: 'verify_identity', identity: 'idn_2' }).thenEvents(of('customer.identity_verified', 'idn_2'));
    two.when({ type: 'unverify_identity', identity: 'idn_2' }).thenRefused('identity_unchanged');
    two.when({ type: 'prefer_identity', identity: 'idn_1' }).thenRefused('identity_unchanged');
    two.when({ type: 'prefer_identity', identity: 'idn_3' }).thenRefused('unknown_reference');
    const state = two
      .when({ type: 'prefer_identity', identity: 'idn_2' })
      .thenEvents(of('customer.identity_made_primary', 'idn_2'));
    expect((state as CustomerState).identities.map(({ primary }) => primary)).toEqual([false, true]);
    const verified = given(created, added('idn_1', 'a@x', true, true));
    verified.when({ type: 'verify_identity', identity: 'idn_1' }).thenRefused('identity_unchanged');
    verified
      .when({ type: 'unverify_identity', identity: 'idn_1' })
      .thenEvents(of('customer.identity_unverified', 'idn_1'));
  });

  it('that is removed can be added again; the oldest left takes the place of a primary one', () => {
    const two = [created, added('idn_1', 'a@x', true), added('idn_2', 'b@x')];
    given(...two)
      .when({ type: 'remove_identity', identity: 'idn_1' })
      .thenEvents(removed('idn_1', 'a@x'), of('customer.identity_made_primary', 'idn_2'));
    given(...two)
      .when({ type: 'remove_identity', identity: 'idn_2' })
      .thenEvents(removed('idn_2', 'b@x'));
    given(...two, removed('idn_2', 'b@x'))
      .when(adding(email('idn_3', 'b@x')))
      .thenEvents(added('idn_3', 'b@x'));
  });

  it('has no place beside too many', () => {
    const many = Array.from({ length: MOST_IDENTITIES }, (_, n) => added(`idn_${n}`, `${n}@x`, n === 0));
    given(created, ...many)
      .when(adding(email('idn_x', 'x@x')))
      .thenRefused('too_many');
    given(created, ...many)
      .when(upsert('Ada', { identities: [email('n', '7@x', { verified: true })] }))
      .thenEvents(of('customer.identity_verified', 'idn_7'));
  });
});

describe('somebody who is named by an identity', () => {
  const resolve = (more: object = {}): CustomerCommand => ({
    type: 'resolve',
    channel: 'email',
    name: 'ada@example.org',
    isRefused: false,
    identity: email('idn_1', 'ada@example.org'),
    ...more,
  });

  it('becomes a placeholder where they are not known, unless the rules refuse it', () => {
    const state = given()
      .when(resolve())
      .thenEvents(placeholder, added('idn_1', 'ada@example.org', true));
    expect(state).toMatchObject({ isPlaceholder: true });
    given()
      .when(resolve({ isRefused: true }))
      .thenRefused('unknown_customer');
  });

  it('stays who they are where they are known', () => {
    given(created).when(resolve()).thenEvents();
    given(created)
      .when(resolve({ isRefused: true }))
      .thenEvents();
  });
});

describe('one who is named by an external id alone', () => {
  const hold = { type: 'hold_place', channel: 'events', externalId: 'ada', name: 'ada' } as const;
  const held: CustomerEvent = {
    type: 'customer.placeholder_created',
    data: { channel: 'events', name: 'ada', external_id: 'ada' },
  };

  it('becomes a placeholder, whom an upsert of that external id makes known', () => {
    given().when(hold).thenEvents(held);
    const state = given(held)
      .when(upsert('Ada'))
      .thenEvents(
        { type: 'customer.identified', data: { external_id: 'ada' } },
        { type: 'customer.renamed', data: { name: 'Ada' } },
      );
    expect(state).toEqual(FRESH);
    given(held, { type: 'customer.identified', data: { external_id: 'ada' } })
      .when(upsert('ada'))
      .thenEvents();
  });

  it('stays who they are where they are known by then', () => {
    given(created).when(hold).thenEvents();
    given(held).when(hold).thenEvents();
  });

  it('has no external id that is another one’s by then', () => {
    given()
      .when({ ...hold, externalId: null })
      .thenEvents({ ...held, data: { ...held.data, external_id: null } } as CustomerEvent);
  });

  it('is not made known by the external id of one who was merged into them', () => {
    given(held)
      .when(upsert('ada', { customer: 'cus_other', externalIdOf: 'cus_ada' }))
      .thenEvents();
  });
});

describe('a patch', () => {
  it('is an event for each field that changes', () => {
    const patch = { type: 'update', name: 'Ada L.', language: 'pt-BR', timeZone: null } as const;
    given(created)
      .when(patch)
      .thenEvents(renamed, { type: 'customer.language_changed', data: { language: 'pt-BR' } });
    given(created).when({ type: 'update', name: 'Ada' }).thenEvents();
    given().when(patch).thenRefused('not_found');
  });
});

describe('belonging', () => {
  const joined = (company_id: string): CustomerEvent => ({ type: 'customer.company_joined', data: { company_id } });

  it('begins and ends, once each, for companies and tenants', () => {
    given(created).when({ type: 'join_company', of: 'com_1' }).thenEvents(joined('com_1'));
    given(created, joined('com_1')).when({ type: 'join_company', of: 'com_1' }).thenRefused('already_member');
    given(created, joined('com_1'))
      .when({ type: 'leave_company', of: 'com_1' })
      .thenEvents({ type: 'customer.company_left', data: { company_id: 'com_1' } });
    given(created).when({ type: 'leave_company', of: 'com_1' }).thenRefused('not_a_member');
    const inTenant: CustomerEvent = { type: 'customer.tenant_joined', data: { tenant_id: 'ten_1' } };
    given(created).when({ type: 'join_tenant', of: 'ten_1' }).thenEvents(inTenant);
    const state = given(created, inTenant)
      .when({ type: 'leave_tenant', of: 'ten_1' })
      .thenEvents({ type: 'customer.tenant_left', data: { tenant_id: 'ten_1' } });
    expect(state).toEqual(FRESH);
  });

  it('has an end', () => {
    const many = Array.from({ length: MOST_MEMBERSHIPS }, (_, n) => joined(`com_${n}`));
    given(created, ...many)
      .when({ type: 'join_company', of: 'com_x' })
      .thenRefused('too_many');
    given(created, ...many)
      .when({ type: 'join_tenant', of: 'ten_x' })
      .thenEvents({ type: 'customer.tenant_joined', data: { tenant_id: 'ten_x' } });
  });
});

describe('a merge', () => {
  const merge = (into: string): CustomerCommand => ({ type: 'merge', customer: 'cus_ada', into, undoUntil: 5000 });
  const merged: CustomerEvent = { type: 'customer.merged', data: { into_id: 'cus_bo', undo_until: 5000 } };
  const unmerged: CustomerEvent = { type: 'customer.unmerged', data: { from_id: 'cus_bo' } };

  it('is done once, and not into oneself', () => {
    given(created).when(merge('cus_bo')).thenEvents(merged);
    given(created).when(merge('cus_ada')).thenRefused('merge_into_itself');
    given(created, merged).when(merge('cus_cy')).thenRefused('customer_merged');
  });

  it('is undone until its time is over, and can be done again', () => {
    given(created, merged).when({ type: 'unmerge', now: 5000 }).thenEvents(unmerged);
    given(created, merged).when({ type: 'unmerge', now: 5001 }).thenRefused('merge_final');
    given(created).when({ type: 'unmerge', now: 0 }).thenRefused('customer_not_merged');
    given(created, merged, unmerged).when(merge('cus_bo')).thenEvents(merged);
  });

  it('leaves nothing to be changed but identities and what is left behind', () => {
    const was = given(created, added('idn_1', 'a@x', true), merged);
    was.when({ type: 'update', name: 'X' }).thenRefused('customer_merged');
    was.when(upsert('X')).thenRefused('customer_merged');
    was.when(adding(email('idn_2', 'b@x'))).thenRefused('customer_merged');
    was.when({ type: 'join_company', of: 'com_1' }).thenRefused('customer_merged');
    was.when({ type: 'verify_identity', identity: 'idn_1' }).thenEvents(of('customer.identity_verified', 'idn_1'));
    was.when({ type: 'remove_identity', identity: 'idn_1' }).thenEvents(removed('idn_1', 'a@x'));
  });

  it('in a ring leaves one that readers take for all, and that can be changed', () => {
    given(created, merged).when({ type: 'update', name: 'Ada L.', despiteMergeInto: 'cus_bo' }).thenEvents(renamed);
    given(created, merged)
      .when({ type: 'update', name: 'Ada L.', despiteMergeInto: 'cus_cy' })
      .thenRefused('customer_merged');
  });
});

it('goes on from a state that was kept when it had a name only', () => {
  const kept = { name: 'Ada' } as CustomerState;
  const first = adding(email('idn_1', 'a@x'));
  expect(customerDecider.decide(first, kept)).toEqual([added('idn_1', 'a@x', true)]);
  expect(customerDecider.evolve(kept, renamed)).toEqual({ ...FRESH, name: 'Ada L.' });
});

it('cannot be folded from another first event', () => {
  expect(() => customerDecider.evolve(null, renamed)).toThrow('first event is customer.renamed');
});

describe('custom fields', () => {
  const change = {
    field: 'fld_1',
    key: 'loom',
    kind: 'string',
    version: 1,
    personal: true,
    json: '"table"',
    isSame: false,
    dependsOn: null,
  } as const;
  const set: CustomerEvent = {
    type: 'customer.field_set',
    data: { field_id: 'fld_1', key: 'loom', kind: 'string', version: 1, value: null, personal_value: '"table"' },
  };
  const required = [{ field: 'fld_2', key: 'reed', dependsOn: null }];
  const changing = { type: 'change_fields', changes: [change], replaces: false } as const;

  it('begin with what is given to somebody new, and with that alone', () => {
    const fields = { changes: [change], replaces: false, required };
    given().when(upsert('Ada', { fields })).thenEvents(created, set);
    given(created).when(upsert('Ada', { fields })).thenEvents();
  });

  it('have to have what is required when they are changed', () => {
    given(created)
      .when({ ...changing, required })
      .thenRefused('field_required');
    expect(
      given(created)
        .when({ ...changing, required: [] })
        .thenEvents(set),
    ).toEqual({ ...FRESH, fields: { fld_1: { key: 'loom' } } });
    given(created, set)
      .when({ ...changing, changes: [], replaces: true, required: [] })
      .thenEvents({ type: 'customer.field_cleared', data: { field_id: 'fld_1', key: 'loom' } });
    given()
      .when({ ...changing, required: [] })
      .thenRefused('not_found');
  });

  it('are not changed of one who is read as another', () => {
    const merged: CustomerEvent = { type: 'customer.merged', data: { into_id: 'cus_bo', undo_until: 0 } };
    given(created, merged)
      .when({ ...changing, required: [] })
      .thenRefused('customer_merged');
  });

  it('are none where the state was kept before there were any', () => {
    const { fields: _, ...kept } = FRESH;
    expect(customerDecider.evolve(kept as never, set)).toEqual({ ...FRESH, fields: { fld_1: { key: 'loom' } } });
  });
});
