import type { EventData, EventType } from '../../../contract/generated/event-data.js';
import { newId } from '../../../platform/kernel/id.js';
import type { ProjectedEvent } from '../../../platform/projections/projection.js';
import { seededRandom } from '../../../platform/testing/seeded-random.js';
import type { FactNeed, FactValue } from './facts.js';
import { PRIORITIES } from './filter.js';

export type PlacedEvent = ProjectedEvent & { position: number };

/** An event with what is so right after it of what it is about, by need. */
export interface Told {
  event: PlacedEvent;
  so: ReadonlyMap<FactNeed, readonly FactValue[]>;
}

interface Thing {
  fields: Map<string, FactValue>;
}

interface Customer extends Thing {
  company: Set<string>;
  tenant: Set<string>;
  mergedInto: string | null;
}

interface Conversation extends Thing {
  customer: string;
  one: Map<string, string>;
  labels: Set<string>;
}

export const KEYS = ['tier', 'tools', 'name', 'story'] as const;
const OWNERS = ['conversation', 'customer', 'company', 'tenant'] as const;

/** Everything that a condition can ask for. */
export const ALL_NEEDS: readonly FactNeed[] = [
  ...(['channel', 'status', 'priority', 'label', 'team', 'assignee', 'customer', 'company', 'tenant'] as const).map(
    (kind) => ({ kind }),
  ),
  ...OWNERS.flatMap((object) => KEYS.map((key) => ({ kind: 'custom_field' as const, object, key }))),
];

/**
 * Events of a few things that have much to do with each other, and beside them a world that they change one by one.
 * `apart`: so many positions lie from one to the next, as where others' events are between.
 */
export function toldHistory(seed: number, length: number, apart = 1, workspace = newId('wsp')): Told[] {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const some = (prefix: Parameters<typeof newId>[0], count: number) =>
    Array.from({ length: count }, () => newId(prefix));
  const [companies, tenants, labels, teams, users] = [
    some('com', 2),
    some('ten', 2),
    some('lbl', 3),
    some('team', 2),
    some('usr', 2),
  ];
  const things = new Map<string, Thing>([...companies, ...tenants].map((id) => [id, { fields: new Map() }]));
  const customers = new Map<string, Customer>(
    some('cus', 5).map((id) => [
      id,
      { fields: new Map(), company: new Set<string>(), tenant: new Set<string>(), mergedInto: null },
    ]),
  );
  const conversations = new Map<string, Conversation>();
  const seqs = new Map<string, number>();
  const told: Told[] = [];

  const state = <Type extends EventType>(
    type: Type,
    stream: string,
    data: EventData[Type] | object,
    about = stream,
  ) => {
    const seq = (seqs.get(stream) ?? 0) + 1;
    seqs.set(stream, seq);
    const meta = { stream, seq, workspace, type } as ProjectedEvent['meta'];
    const event = { type, meta, data, position: (told.length + 1) * apart };
    told.push({ event, so: new Map(ALL_NEEDS.map((need) => [need, soOf(need, about)])) });
  };

  /** All who are joined by merges, in whatever direction. */
  const joined = (customer: string): string[] => {
    const all = new Set([customer]);
    for (let before = 0; before < all.size; ) {
      before = all.size;
      for (const [id, { mergedInto }] of customers) {
        if (mergedInto !== null && (all.has(id) || all.has(mergedInto))) all.add(id).add(mergedInto);
      }
    }
    return [...all];
  };
  const survivor = (customer: string): string => {
    const passed = [customer];
    for (;;) {
      const next = customers.get(passed.at(-1)!)!.mergedInto;
      if (next === null) return passed.at(-1)!;
      if (passed.includes(next)) return passed.slice(passed.indexOf(next)).sort()[0]!;
      passed.push(next);
    }
  };
  const belongsTo = (kind: 'company' | 'tenant', about: string, customer: string | null): string[] => {
    if (about.startsWith(kind === 'company' ? 'com_' : 'ten_')) return [about];
    return customer === null ? [] : [...new Set(joined(customer).flatMap((one) => [...customers.get(one)![kind]]))];
  };
  const soOf = (need: FactNeed, about: string): FactValue[] => {
    const conversation = conversations.get(about);
    const customer = conversation?.customer ?? (customers.has(about) ? about : null);
    if (need.kind === 'customer') return customer === null ? [] : joined(customer);
    if (need.kind === 'company' || need.kind === 'tenant') return belongsTo(need.kind, about, customer);
    if (need.kind === 'label') return [...(conversation?.labels ?? [])];
    if (need.kind !== 'custom_field') return [conversation?.one.get(need.kind) ?? []].flat();
    const owners: readonly (Thing | undefined)[] = {
      conversation: () => [conversation],
      customer: () => (customer === null ? [] : [customers.get(survivor(customer))]),
      company: () => belongsTo('company', about, customer).map((id) => things.get(id)),
      tenant: () => belongsTo('tenant', about, customer).map((id) => things.get(id)),
    }[need.object]();
    return owners.flatMap((owner) => (owner?.fields.has(need.key) ? [owner.fields.get(need.key)!] : []));
  };

  const changeField = (noun: (typeof OWNERS)[number], id: string, { fields }: Thing): void => {
    const key = pick(KEYS);
    const named = { field_id: newId('fld'), key };
    if (random() < 0.3) {
      fields.delete(key);
      state(`${noun}.field_cleared`, id, named);
      return;
    }
    const value = { tier: pick(['gold', 'silver']), tools: [pick(['loom', 'yarn'])], name: 'Ada', story: 'long' }[key];
    // A name is personal, and a story is a text: neither can be compared.
    fields.set(key, key === 'name' || key === 'story' ? null : value);
    const json = JSON.stringify(value);
    const kind = { tier: 'enum', tools: 'multi_enum', name: 'string', story: 'text' }[key];
    const sealed = { key_id: Buffer.alloc(16), ciphertext: Buffer.alloc(28) };
    state(`${noun}.field_set`, id, {
      ...named,
      kind,
      version: 1,
      ...(key === 'name' ? { value: null, personal_value: sealed } : { value: json, personal_value: null }),
    });
  };

  const begin = (): void => {
    const id = newId('conv');
    const [customer, channel] = [pick([...customers.keys()]), pick(['chat', 'email'])];
    const one = new Map([
      ['channel', channel],
      ['status', 'open'],
      ['priority', 'normal'],
    ]);
    conversations.set(id, { customer, one, labels: new Set(), fields: new Map() });
    state('conversation.created', id, { customer_id: customer, channel, title: null, external_id: null });
  };

  const changeConversation = (id: string, conversation: Conversation): void => {
    const { one, labels: has } = conversation;
    const set = (kind: string, value: string | null) => (value === null ? one.delete(kind) : one.set(kind, value));
    pick([
      () => state('message.created', id, {}),
      () => {
        const type = pick(['snoozed', 'closed', 'unsnoozed', 'reopened'] as const);
        set('status', type === 'snoozed' || type === 'closed' ? type : 'open');
        state(`conversation.${type}`, id, { detail: null });
      },
      () => {
        const priority = pick(PRIORITIES);
        set('priority', priority);
        state('conversation.priority_changed', id, { priority });
      },
      () => {
        const assignee = pick([null, ...users]);
        set('assignee', assignee);
        if (assignee === null) state('conversation.unassigned', id, {});
        else state('conversation.assigned', id, { assignee: { type: 'user', id: assignee } });
      },
      () => {
        const team = pick([null, ...teams]);
        set('team', team);
        if (team === null) state('conversation.team_unassigned', id, {});
        else state('conversation.team_assigned', id, { team_id: team });
      },
      () => {
        const label = pick(labels);
        const type = has.has(label) ? 'conversation.unlabeled' : 'conversation.labeled';
        if (!has.delete(label)) has.add(label);
        state(type, id, { label_id: label });
      },
      () => changeField('conversation', id, conversation),
      () => tell(id, 'conversation'),
    ])();
  };

  const changeCustomer = (id: string, customer: Customer): void => {
    const join = (kind: 'company' | 'tenant', organization: string) => {
      const has = customer[kind];
      const left = has.delete(organization);
      if (!left) has.add(organization);
      state(`customer.${kind}_${left ? 'left' : 'joined'}`, id, { [`${kind}_id`]: organization });
    };
    pick([
      () => state('customer.renamed', id, {}),
      () => join('company', pick(companies)),
      () => join('tenant', pick(tenants)),
      () => changeField('customer', id, customer),
      () => {
        const { mergedInto } = customer;
        customer.mergedInto = mergedInto === null ? pick([...customers.keys()].filter((other) => other !== id)) : null;
        if (mergedInto === null) state('customer.merged', id, { into_id: customer.mergedInto, undo_until: 0 });
        else state('customer.unmerged', id, { from_id: mergedInto });
      },
      () => tell(id, 'customer'),
    ])();
  };

  const tell = (subject_id: string, subject_type: string): void =>
    state('activity.recorded', newId('act'), { activity_type: 'invoice.paid', subject_id, subject_type }, subject_id);

  begin();
  while (told.length < length) {
    pick([
      () => (conversations.size < 4 ? begin() : undefined),
      ...Array.from({ length: 4 }, () => () => changeConversation(...pick([...conversations]))),
      ...Array.from({ length: 4 }, () => () => changeCustomer(...pick([...customers]))),
      () => {
        const [id, thing] = pick([...things]);
        const noun = id.startsWith('com_') ? 'company' : 'tenant';
        if (random() < 0.3) tell(id, noun);
        else changeField(noun, id, thing);
      },
      () => state('label.renamed', pick(labels), { name: 'Lamp' }),
    ])();
  }
  return told;
}
