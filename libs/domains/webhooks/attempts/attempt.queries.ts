import { typesOfWord, unknownWord, WORDS_ARE } from '../../../platform/event-schemas/type-words.js';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import type { PageQuery } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { streamId } from './stream-id.js';

export interface AttemptFilter {
  event_id?: string | undefined;
  type?: string | undefined;
  stream?: string | undefined;
  outcome?: 'taken' | 'failed' | undefined;
  status?: number | undefined;
  error?: string | undefined;
  run?: number | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

interface AttemptRow {
  id: string;
  endpoint: string;
  event: string;
  type: string;
  stream: string;
  stream_type: string | null;
  position: number;
  run: number;
  number: number;
  duration_ms: number;
  status: number | null;
  error: string | null;
  taken: boolean;
}

interface LookedRow extends AttemptRow {
  looked: number;
  last: string | null;
}

/** What only one attempt's read needs. */
export interface KeptRow {
  workspace: string;
  position: number;
  pin: string;
  answer: Buffer | null;
  /** The replay that it was of; null for none. */
  replay: string | null;
}

/** Attempts that a page looks at, however few of them it is asked for. */
const MOST_LOOKED = 10_000;
const COLUMNS = 'id, endpoint, event, type, stream, position, run, number, duration_ms, status, error, taken';

/** Reads of attempts; each sees one workspace. */
export class AttemptQueries {
  constructor(
    private readonly reads: ReadPool,
    private readonly mostLooked = MOST_LOOKED,
  ) {}

  /** The last that began first. Throws `not_found`, `invalid_value`. */
  async list(
    workspace: string,
    endpoint: string,
    filter: AttemptFilter,
    { limit, cursor }: PageQuery,
  ): Promise<object> {
    const list = new ListCursor('webhook_attempts', workspace, { endpoint, ...filter });
    const before = list.decode(cursor, 16);
    await requireEndpoint(this.reads, workspace, endpoint);
    const values: unknown[] = [idToBytes(endpoint), limit + 1];
    const bind = (value: unknown) => `$${values.push(value)}`;
    const { near, sieve } = conditionsOf(filter, before, bind);
    // Of one event there are few, and an index on them.
    const from = filter.event_id === undefined ? 'webhooks.attempts' : 'of_event';
    const ofEvent =
      filter.event_id === undefined
        ? ''
        : `of_event as materialized (select * from webhooks.attempts where event = ${bind(idToBytes(filter.event_id))}), `;
    const isSieved = sieve.length > 0;
    const statement = {
      text: `with ${ofEvent}looked as materialized (
               select ${COLUMNS} from ${from} where ${['endpoint = $1', ...near].join(' and ')}
                order by id desc limit ${isSieved ? this.mostLooked : '$2'}
             ), found as (
               select * from looked ${isSieved ? `where ${sieve.join(' and ')}` : ''} order by id desc limit $2
             )
             select f.*, s.type as stream_type, e.looked, e.last
               from (select count(*)::integer as looked, (select id from looked order by id limit 1) as last from looked) e
               left join found f on true left join log.streams s on s.stream = f.stream
              order by f.id desc`,
      values,
    };
    const { rows } = isSieved
      ? await this.reads.slowly<LookedRow>(workspace, statement)
      : await this.reads.query<LookedRow>(workspace, statement);
    return pageOf(rows, limit, isSieved ? this.mostLooked : null, list);
  }

  /** Throws `not_found`. */
  async one(workspace: string, endpoint: string, id: string): Promise<{ shown: ShownAttempt; kept: KeptRow }> {
    await requireEndpoint(this.reads, workspace, endpoint);
    const { rows } = await this.reads.query<AttemptRow & KeptRow>(workspace, {
      name: 'one of webhook_attempts',
      text: `select a.*, s.type as stream_type,
                    (select r.id from webhooks.webhook_replays r where r.endpoint = a.endpoint and r.run = a.run) as replay
               from webhooks.attempts a left join log.streams s on s.stream = a.stream
              where a.endpoint = $1 and a.id = $2`,
      values: [idToBytes(endpoint), idToBytes(id)],
    });
    const row = rows[0];
    if (row === undefined) throw new Problem('not_found', `There is no attempt ${id} of this endpoint.`);
    const { pin, answer, position } = row;
    const replay = row.replay === null ? null : toId('rpl', row.replay);
    return { shown: shownAttempt(row), kept: { workspace, position: Number(position), pin, answer, replay } };
  }
}

/** Throws `not_found`. */
export async function requireEndpoint(reads: ReadPool, workspace: string, endpoint: string): Promise<void> {
  const { rows } = await reads.query(workspace, {
    name: 'webhook_endpoint_there',
    text: 'select from webhooks.webhook_endpoints where id = $1 and not deleted',
    values: [idToBytes(endpoint)],
  });
  if (rows.length === 0) throw new Problem('not_found', `There is no webhook endpoint ${endpoint} in this workspace.`);
}

/** `near` is of the index that is read; `sieve` of what it gives. */
function conditionsOf(
  { type, stream, outcome, status, error, run, since, until }: AttemptFilter,
  before: Buffer | null,
  bind: (value: unknown) => string,
): { near: string[]; sieve: string[] } {
  const near: string[] = [];
  const sieve: string[] = [];
  if (before !== null) near.push(`id < ${bind(before)}`);
  if (since !== undefined) near.push(`id >= ${bind(firstIdAt(Date.parse(since)))}`);
  if (until !== undefined) near.push(`id < ${bind(firstIdAt(Date.parse(until)))}`);
  const isFailed =
    outcome === 'failed' || error !== undefined || (status !== undefined && (status < 200 || status > 299));
  if (isFailed) near.push('not taken');
  if (outcome === 'taken') sieve.push('taken');
  if (status !== undefined) sieve.push(`status = ${bind(status)}`);
  if (error !== undefined) sieve.push(`error = ${bind(error)}`);
  if (run !== undefined) sieve.push(`run = ${bind(run)}`);
  if (stream !== undefined) sieve.push(`stream = ${bind(idToBytes(stream))}`);
  if (type !== undefined) sieve.push(`type = any (${bind(typesMeantBy(type))}::text[])`);
  return { near, sieve };
}

function typesMeantBy(word: string): readonly string[] {
  const types = typesOfWord(word);
  if (types !== null) return types;
  const message = unknownWord(word);
  throw new Problem('invalid_value', `/query/type ${message}. ${WORDS_ARE}`, {
    errors: [{ pointer: '/query/type', message }],
  });
}

/** Ids are of the time when they were made, in ms (RFC 9562); none that was made later is less than this one. */
export function firstIdAt(ms: number): Buffer {
  const id = Buffer.alloc(16);
  id.writeUIntBE(Math.max(0, ms), 0, 6);
  return id;
}

function pageOf(rows: readonly LookedRow[], limit: number, mostLooked: number | null, list: ListCursor): object {
  const { looked, last } = rows[0]!;
  const found = rows.filter(({ id }) => id !== null);
  const page = found.slice(0, limit);
  const next = found.length > limit ? page.at(-1)!.id : mostLooked !== null && looked === mostLooked ? last : null;
  return {
    data: page.map(shownAttempt),
    next_cursor: next === null ? null : list.encode(idToBytes(toId('att', next))),
  };
}

export interface ShownAttempt {
  id: string;
  endpoint_id: string;
  event_id: string;
  type: string;
  stream: string | null;
  position: number;
  run: number;
  number: number;
  started_at: string;
  outcome: 'taken' | 'failed';
  status: number | null;
  error: string | null;
  duration_ms: number;
}

function shownAttempt(row: AttemptRow): ShownAttempt {
  const { type, run, number, duration_ms, status, error } = row;
  const id = toId('att', row.id);
  return {
    id,
    endpoint_id: toId('whe', row.endpoint),
    event_id: toId('evt', row.event),
    type,
    stream: streamId(row.stream_type, row.stream),
    position: Number(row.position),
    run,
    number,
    started_at: new Date(idToBytes(id).readUIntBE(0, 6)).toISOString(),
    outcome: row.taken ? 'taken' : 'failed',
    status,
    error,
    duration_ms,
  };
}
