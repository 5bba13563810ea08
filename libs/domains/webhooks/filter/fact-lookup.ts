import type { QueryResult, QueryResultRow } from 'pg';
import { type IdPrefix, prefixOf, toId } from '../../../platform/kernel/id.js';
import { idArray, int8Array } from '../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { FactNeed, Facts, FilteredEvent } from './compile-filter.js';
import { entryOf } from './entry-of.js';
import { subjectOf } from './event-subject.js';
import { FactHistories, type PlacedFact } from './fact-histories.js';
import type { FactKind } from './stated-facts.js';

/** A session of the service, which sees all workspaces. */
export interface FactSession {
  query<Row extends QueryResultRow>(statement: SqlStatement): Promise<QueryResult<Row>>;
}

export interface FactLookupOptions {
  /** The most facts and subjects that are kept in memory, at about 300 bytes each. */
  cached?: number;
  /** For so long facts are kept; a dead letter that was re-driven states its own late. ms. */
  freshFor?: number;
  now?: () => number;
}

interface FactRow {
  prefix: IdPrefix;
  subject: string;
  /** From where on the subject's facts were read. */
  after: number;
  /** Null, and so all that follows, where there are none. */
  position: number | null;
  kind: FactKind;
  key: string;
  value: string | null;
  leads_to: string | null;
  is_on: boolean;
}

const LEADS_TO: Readonly<Partial<Record<FactKind, IdPrefix>>> = {
  customer: 'cus',
  merged_into: 'cus',
  company: 'com',
  tenant: 'ten',
};

/** From the subjects on along what their facts lead to, and back along merges; each from where it is known already. */
const STATED = `
  with recursive reached(prefix, subject, after) as (
    select * from unnest($1::text[], $2::uuid[], $3::bigint[])
     union
    select l.prefix, l.subject, 0::bigint
      from reached r cross join lateral (
        select case f.kind when 'company' then 'com' when 'tenant' then 'ten' else 'cus' end as prefix,
               f.leads_to as subject
          from webhooks.facts f
         where f.subject = r.subject and f.position > r.after and f.position <= $4 and f.kind = any ($5::text[])
         union all
        select 'cus', f.subject from webhooks.facts f
         where r.prefix = 'cus' and f.kind = 'merged_into' and f.leads_to = r.subject
           and f.position > r.after and f.position <= $4
      ) l
  )
  select r.prefix, r.subject, r.after, f.position, f.kind, f.key, f.value, f.leads_to, f.is_on
    from (select prefix, subject, min(after) as after from reached group by 1, 2) r
    left join lateral (
      select * from webhooks.facts f
       where f.subject = r.subject and f.position > r.after and f.position <= $4
         and (f.kind = any ($6::text[]) or (f.kind = 'custom_field' and f.key = any ($7::text[])))
    ) f on true
   order by f.position`;

/**
 * What is so of what events are about, right after each of them: as `facts` has it, which must have reached the events'
 * positions. One statement a page, of what is not in memory yet, and none where all is. The same for an event that has just
 * happened and for one of last year.
 */
export class FactLookup {
  private histories = new FactHistories();
  private kinds = new Set<FactKind>();
  private fieldKeys = new Set<string>();
  private begun: number;
  private readonly most: number;
  private readonly freshFor: number;
  private readonly now: () => number;

  constructor(
    private readonly session: FactSession,
    { cached = 200_000, freshFor = 60_000, now = Date.now }: FactLookupOptions = {},
  ) {
    this.most = cached;
    this.freshFor = freshFor;
    this.now = now;
    this.begun = now();
  }

  /** For each of the events what its filters' conditions may ask for. One page at a time. */
  async load(events: readonly FilteredEvent[], needs: readonly FactNeed[]): Promise<Facts[]> {
    this.makeRoom();
    this.want(needs);
    const subjects = events.map(subjectOf);
    const upTo = events.reduce((most, { position }) => Math.max(most, position), 0);
    // Of an event alone that needs no facts nothing is read.
    if (needs.length > 0) await this.read(subjects, upTo);
    const { histories } = this;
    return events.map(({ position }, i) => histories.at(subjects[i]!, position));
  }

  /** The store is another one, or lives another life, or the read model was rebuilt. */
  forget(): void {
    this.histories = new FactHistories();
    this.kinds = new Set();
    this.fieldKeys = new Set();
    this.begun = this.now();
  }

  private makeRoom(): void {
    if (this.histories.size > this.most || this.now() - this.begun >= this.freshFor) this.forget();
  }

  /** What is in memory lacks whatever was not wanted before. */
  private want(needs: readonly FactNeed[]): void {
    const [kinds, keys] = [this.kinds.size, this.fieldKeys.size];
    for (const need of needs) {
      for (const kind of kindsOf(need)) this.kinds.add(kind);
      if (need.kind === 'custom_field') this.fieldKeys.add(need.key);
    }
    if (this.kinds.size !== kinds || this.fieldKeys.size !== keys) this.histories = new FactHistories();
  }

  private async read(subjects: readonly (string | null)[], upTo: number): Promise<void> {
    const known = this.histories.reachable(subjects.filter((subject) => subject !== null));
    const unknown = [...known].filter((subject) => this.histories.through(subject) < upTo);
    if (unknown.length === 0) return;
    const kinds = [...this.kinds];
    const { rows } = await this.session.query<FactRow>({
      name: 'webhooks.stated_facts',
      text: STATED,
      values: [
        unknown.map(prefixOf),
        idArray(unknown),
        int8Array(unknown.map((subject) => this.histories.through(subject))),
        upTo,
        kinds.filter((kind) => kind in LEADS_TO),
        kinds,
        [...this.fieldKeys],
      ],
    });
    const stated = new Map<string, { after: number; facts: PlacedFact[] }>();
    for (const row of rows) {
      const subject = toId(row.prefix, row.subject);
      const { facts } = entryOf(stated, subject, () => ({ after: row.after, facts: [] as PlacedFact[] }));
      if (row.position !== null) facts.push(placedFact(row, row.position));
    }
    for (const [subject, { after, facts }] of stated) {
      if (this.histories.through(subject) < upTo) this.histories.take(subject, after, upTo, facts);
    }
  }
}

/** With those that lead to where a fact is. */
function kindsOf(need: FactNeed): FactKind[] {
  const owner = need.kind === 'custom_field' ? need.object : need.kind;
  const kinds: FactKind[] = need.kind === 'custom_field' ? [] : [need.kind];
  if (owner === 'customer' || owner === 'company' || owner === 'tenant') kinds.push('customer', 'merged_into');
  return owner === 'company' || owner === 'tenant' ? [...kinds, owner] : kinds;
}

function placedFact({ kind, key, value, leads_to, is_on }: FactRow, position: number): PlacedFact {
  const leadsTo = leads_to === null ? null : toId(LEADS_TO[kind]!, leads_to);
  return { position, kind, key, value, leadsTo, isOn: is_on };
}
