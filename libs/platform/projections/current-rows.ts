import type { DomainEvent, EventMeta } from '../kernel/event.js';
import type { SqlStatement } from '../postgres/connection.js';
import { arraysOf, type Columns, time, unnest, uuid } from './column.js';
import type { Projection } from './projection.js';

type Projected<Event> = Event & { meta: EventMeta };

/** A batch's events of one stream, folded: what they leave of its row, and when the last of them happened. */
type Change<Changes> = Changes & { stream: string; at: number };

/** SQL by the name of the column that it is the new value of. */
type Assignments = Readonly<Record<string, string>>;

/**
 * A table with a row a stream: one event makes the row, and later ones change it. In SQL `e` is what the events say,
 * with when they happened as `e.at`, and `r` the row.
 */
export interface CurrentRows<Event extends DomainEvent, Created extends Event['type'], Changes extends object> {
  table: string;
  /** The column of the stream's id. The table has one named `workspace`, too. */
  key: string;
  created: {
    /** More than one where a stream can begin in more than one way. */
    type: Created | readonly Created[];
    columns: Columns<Projected<Extract<Event, { type: Created }>>>;
    /** Columns that are not as the event has them. */
    set: Assignments;
  };
  changed: {
    /** Where the fold begins. */
    nothing: Readonly<Changes>;
    fold(changes: Changes, event: Projected<Exclude<Event, { type: Created }>>): void;
    columns: Columns<Changes>;
    set: Assignments;
  };
}

/** A projection's `project` for such a table: at most an insert and an update, however many events there are. */
export function currentRows<Event extends DomainEvent, Created extends Event['type'], Changes extends object>({
  table,
  key,
  created,
  changed,
}: CurrentRows<Event, Created, Changes>): Projection['project'] {
  type Creation = Projected<Extract<Event, { type: Created }>>;
  const insert = insertOf<Creation>(key, created);
  const update = updateOf<Change<Changes>>(key, changed);
  const beginnings = new Set<string>(typeof created.type === 'string' ? [created.type] : created.type);
  return (events, tableName) => {
    const creations: Creation[] = [];
    const changes = new Map<string, Change<Changes>>();
    for (const event of events) {
      if (beginnings.has(event.type)) {
        creations.push(event as unknown as Creation);
        continue;
      }
      const { stream, occurred_at: at } = event.meta;
      let change = changes.get(stream);
      if (change === undefined) {
        change = { ...changed.nothing, stream, at };
        changes.set(stream, change);
      }
      change.at = at;
      changed.fold(change, event as unknown as Projected<Exclude<Event, { type: Created }>>);
    }
    const target = tableName(table);
    return [
      ...(creations.length > 0 ? [insert(target, creations)] : []),
      ...(changes.size > 0 ? [update(target, [...changes.values()])] : []),
    ];
  };
}

type StatementOf<Row> = (target: string, rows: readonly Row[]) => SqlStatement;

function insertOf<Row extends { meta: EventMeta }>(
  key: string,
  { columns, set }: { columns: Columns<Row>; set: Assignments },
): StatementOf<Row> {
  const sent: Columns<Row> = {
    [key]: uuid(({ meta }) => meta.stream),
    workspace: uuid(({ meta }) => meta.workspace),
    at: time(({ meta }) => meta.occurred_at),
    ...columns,
  };
  const names = [...new Set([key, 'workspace', ...Object.keys(columns), ...Object.keys(set)])];
  const values = names.map((name) => set[name] ?? `e.${name}`);
  const text = `(${names.join(', ')}) select ${values.join(', ')} from ${unnest(sent)}`;
  return (target, rows) => ({
    name: `insert ${target}`,
    text: `insert into ${target} ${text}`,
    values: arraysOf(sent, rows),
  });
}

function updateOf<Row extends { stream: string; at: number }>(
  key: string,
  { columns, set }: { columns: Columns<Row>; set: Assignments },
): StatementOf<Row> {
  const sent: Columns<Row> = { [key]: uuid(({ stream }) => stream), at: time(({ at }) => at), ...columns };
  const assignments = Object.entries(set).map(([name, value]) => `${name} = ${value}`);
  const text = `set ${assignments.join(', ')} from ${unnest(sent)} where r.${key} = e.${key}`;
  return (target, rows) => ({
    name: `update ${target}`,
    text: `update ${target} r ${text}`,
    values: arraysOf(sent, rows),
  });
}
