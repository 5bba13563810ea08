import type { QueryResult, QueryResultRow } from 'pg';
import { type IdPrefix, prefixOf, toId } from '../../../platform/kernel/id.js';
import { idArray } from '../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { FilteredEvent } from './compile-filter.js';
import { subjectOf } from './event-subject.js';
import { FactHistories, type PlacedFact } from './fact-histories.js';
import type { FactNeed, Facts } from './facts.js';
import type { FactKind } from './stated-facts.js';

/** A session of the service, which sees all workspaces. */
export interface FactSession {
  query<Row extends QueryResultRow>(statement: SqlStatement): Promise<QueryResult<Row>>;
}

export interface FactLookupOptions {
  /** The most facts and subjects that are kept in memory, at about 400 bytes each. */
  cached?: number;
  /** For so long facts are kept; a dead letter that was re-driven states its own late. ms. */
  freshFor?: number;
  now?: () => number;
}

interface FactRow {
  /** Of one that was merged into somebody who was asked for, and was not asked for itself. */
  is_merge: boolean;
  subject: string;
  position: number;
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

/** Up to so many positions later all facts are read that were stated meanwhile; beyond them what is known is forgotten. */
const NEAR = 5000;

const COLUMNS = 'f.subject, f.position, f.kind, f.key, f.value, f.leads_to, f.is_on';
const WANTED = `(f.kind = any ($3::text[]) or (f.kind = 'custom_field' and f.key = any ($4::text[])))`;
const MEANWHILE = `
  select false as is_merge, ${COLUMNS} from webhooks.facts f
   where f.position > $1 and f.position <= $2 and ${WANTED}`;
/** Facts of subjects, and the merges of others into them. */
const STATED = `
  select false as is_merge, ${COLUMNS} from unnest($1::uuid[]) a(subject) join webhooks.facts f
      on f.subject = a.subject and f.position <= $2 and ${WANTED}
   union all
  select true, ${COLUMNS} from unnest($5::uuid[]) a(customer) join webhooks.facts f
      on f.kind = 'merged_into' and f.leads_to = a.customer and f.position <= $2`;

/**
 * What is so of what events are about, right after each of them: as `facts` has it, which must have reached the events'
 * positions. What it has read it keeps, whole up to one position. A page costs a statement for what was stated since, and one
 * for each step to what is not known yet: the events' subjects, their customers, what these belong to. The answers are the
 * same for an event that has just happened and for one of last year.
 */
export class FactLookup {
  private histories = new FactHistories();
  /** The position up to which all is known of those of whom anything is. */
  private through = 0;
  private kinds = new Set<FactKind>();
  private fieldKeys = new Set<string>();
  private begun: number;
  private readonly most: number;
  private readonly freshFor: number;
  private readonly now: () => number;

  constructor(
    private readonly session: FactSession,
    { cached = 100_000, freshFor = 60_000, now = Date.now }: FactLookupOptions = {},
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
    if (needs.length > 0) {
      await this.advance(events.reduce((most, { position }) => Math.max(most, position), 0));
      await this.learn(subjects.filter((subject) => subject !== null));
    }
    const { histories } = this;
    return events.map(({ position }, i) => histories.at(subjects[i]!, position));
  }

  /** Between pages: the store is another one, or lives another life, or the read model was rebuilt. */
  forget(): void {
    this.histories = new FactHistories();
    this.through = 0;
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

  private async advance(upTo: number): Promise<void> {
    if (upTo <= this.through) return;
    if (upTo - this.through > NEAR) this.histories = new FactHistories();
    if (this.histories.size > 0) {
      const { rows } = await this.session.query<FactRow>({
        name: 'webhooks.facts_meanwhile',
        text: MEANWHILE,
        values: [this.through, upTo, [...this.kinds], [...this.fieldKeys]],
      });
      this.histories.take(rows.map(placedFact));
    }
    this.through = upTo;
  }

  private async learn(subjects: readonly string[]): Promise<void> {
    for (;;) {
      const unknown = this.histories.unknownFrom(subjects);
      if (unknown.length === 0) return;
      const customers = this.kinds.has('merged_into') ? unknown.filter((subject) => prefixOf(subject) === 'cus') : [];
      const { rows } = await this.session.query<FactRow>({
        name: 'webhooks.stated_facts',
        text: STATED,
        values: [idArray(unknown), this.through, [...this.kinds], [...this.fieldKeys], idArray(customers)],
      });
      this.histories.meet(unknown);
      this.histories.take(rows.filter(({ is_merge }) => !is_merge).map(placedFact));
      for (const { subject, leads_to } of rows.filter(({ is_merge }) => is_merge)) {
        this.histories.knowMerged(toId('cus', subject), toId('cus', leads_to!));
      }
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

function placedFact({ subject, position, kind, key, value, leads_to, is_on }: FactRow): PlacedFact {
  const leadsTo = leads_to === null ? null : toId(LEADS_TO[kind]!, leads_to);
  return { subject: subject.replaceAll('-', ''), position, kind, key, value, leadsTo, isOn: is_on };
}
