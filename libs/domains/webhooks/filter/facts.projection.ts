import type { EventData } from '../../../contract/generated/event-data.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, flag, int8, text, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import { STATING_TYPES, type StatedFact, statedFacts } from './stated-facts.js';

type FactRow = StatedFact & Pick<ProjectedEvent, 'meta' | 'position'>;
type Declaration = ProjectedEvent & { data: EventData['custom_field.created'] };

const FACTS: Columns<FactRow> = {
  subject: uuid(({ meta }) => meta.stream),
  position: int8(({ position }) => position!),
  kind: text(({ kind }) => kind),
  key: text(({ key }) => key),
  workspace: uuid(({ meta }) => meta.workspace),
  value: text(({ value }) => value),
  leads_to: uuid(({ leadsTo }) => leadsTo),
  is_on: flag(({ isOn }) => isOn),
};

const DECLARED: Columns<Declaration> = {
  field: uuid(({ meta }) => meta.stream),
  workspace: uuid(({ meta }) => meta.workspace),
  object: text(({ data }) => data.object),
  key: text(({ data }) => data.key),
  kind: text(({ data }) => data.kind),
  personal: flag(({ data }) => data.personal),
  reference_to: text(({ data }) => data.reference_to),
};

/**
 * What conditions go by, with the position since when it is so. It only inserts, so that what was so at any position can be
 * looked up, however far the log has come since, and the order in which streams come by does not matter.
 */
export const factsProjection: Projection = {
  name: 'facts',
  service: 'webhooks',
  inline: false,
  places: true,
  // A personal value is not kept, and whether there is one is seen on a sealed one, too.
  personal: false,
  tables: ['facts', 'declared_fields'],
  definition: ['libs/domains/webhooks/migrations/0010_facts.sql'],
  types: [...STATING_TYPES, 'custom_field.created'],
  project(events, table) {
    const declared = events.filter(({ type }) => type === 'custom_field.created') as Declaration[];
    const stated = events
      .filter(({ type }) => type !== 'custom_field.created')
      .flatMap((event) => statedFacts(event).map((fact) => ({ ...fact, meta: event.meta, position: event.position! })));
    return [
      ...(stated.length === 0 ? [] : [insert(table('facts'), FACTS, stated)]),
      ...(declared.length === 0 ? [] : [insert(table('declared_fields'), DECLARED, declared)]),
    ];
  },
};

function insert<Row>(target: string, columns: Columns<Row>, rows: readonly Row[]): SqlStatement {
  return {
    name: `insert ${target}`,
    text: `insert into ${target} (${Object.keys(columns).join(', ')}) select * from ${unnest(columns)} on conflict do nothing`,
    values: arraysOf(columns, rows),
  };
}
