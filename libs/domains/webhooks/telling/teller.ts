import type { WriteShell } from '../../../platform/commands/write-shell.js';
import { systemCaller } from '../../../platform/operations/caller.js';
import type { Connection, SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, int8, unnest, uuid } from '../../../platform/projections/column.js';
import { messageAggregate } from '../dead-letters/message.aggregate.js';
import { messageIdOf } from '../dead-letters/message-id.js';
import { tellParked } from '../lanes/parked-lane.js';
import type { EventHead } from '../queue/event-heads.js';
import { hasChangedHands, holdShards } from '../queue/hold-shards.js';
import { causeOf, type LastAttempt, lastAttempts, placeName } from '../queue/last-attempts.js';
import { SHARDS } from '../queue/shard.js';
import { rowsToTell, type ToTell } from './to-tell.js';

export interface TellerPorts {
  shell: Pick<WriteShell, 'execute'>;
  /** A session of the service's that sees all workspaces. */
  connection: Pick<Connection, 'query' | 'transaction'>;
  /** The shards that this process delivers for. */
  shards(): number[];
  tokenOf(shard: number): number | null;
  eventsAt(positions: readonly number[]): Promise<Map<number, EventHead>>;
}

const AT_ONCE = 500;

const KEYS: Columns<ToTell> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  run: count(({ run }) => run),
  position: int8(({ position }) => position),
  since: int8(({ since }) => since),
};
const SAME = 't.endpoint = e.endpoint and t.run = e.run and t.position = e.position';
/** What was resumed meanwhile, and maybe parked again, is not what was told of. */
const TOLD = `
  update webhooks.waiting t set told = true from ${unnest(KEYS)}
   where ${SAME} and t.state = 'parked' and (extract(epoch from t.due_at) * 1000000)::bigint = e.since`;
const GONE = `delete from webhooks.waiting t using ${unnest(KEYS)} where ${SAME} and t.state = 'given_up'`;

/**
 * Says on the log what the queue's rows say: that lanes are parked, and that messages are dead letters. First the event, by a command
 * that changes nothing where it was carried out before; then the row, under the tokens of its shards. So after a crash between the
 * two the next owner tells again, nobody hears it twice, and no message is in neither place.
 */
export class Teller {
  constructor(private readonly ports: TellerPorts) {}

  /** Tells all that there is. Throws where the store is away. */
  async tell(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const shards = this.ports.shards();
      if (shards.length === 0) return;
      const rows = await rowsToTell(this.ports.connection, shards, SHARDS, AT_ONCE);
      if (rows.length === 0) return;
      const told = await this.tellOf(rows);
      await this.settle(told);
      // What cannot be told now is not asked for again and again.
      if (told.length < rows.length || rows.length < AT_ONCE) return;
    }
  }

  /** Those of which the log says so now. */
  private async tellOf(rows: readonly ToTell[]): Promise<ToTell[]> {
    const { connection, eventsAt } = this.ports;
    const events = await eventsAt(rows.map(({ position }) => position));
    const known = rows.flatMap((row) => {
      const event = events.get(row.position);
      return event === undefined ? [] : [{ row, event }];
    });
    const places = known.map(({ row, event }) => ({ ...row, eventId: event.id }));
    const attempts = await lastAttempts((statement) => connection.query(statement), places);
    const outcomes = await Promise.allSettled(
      known.map(({ row, event }) => this.tellOne(row, event, attempts.get(placeName(row)))),
    );
    const failed = outcomes.find(({ status }) => status === 'rejected');
    const told = known.filter((_, i) => outcomes[i]!.status === 'fulfilled').map(({ row }) => row);
    if (failed !== undefined && told.length === 0) throw (failed as PromiseRejectedResult).reason;
    return told;
  }

  private async tellOne(row: ToTell, event: EventHead, attempt: LastAttempt | undefined): Promise<void> {
    const { endpoint, workspace, run, position, attempts, since } = row;
    const last = { status: attempt?.status ?? null, cause: causeOf(attempt) };
    const { id: eventId, type: eventType, stream } = event;
    if (row.state === 'parked') {
      const message = { stream, run, eventId, eventType, eventPosition: position };
      await tellParked(this.ports.shell, { ...message, workspace, endpoint, attempts, parkedAt: since, ...last });
      return;
    }
    const letter = {
      endpoint_id: endpoint,
      event_id: eventId,
      event_type: eventType,
      event_stream: stream,
      event_position: position,
      run,
      pin: row.pin,
      attempts,
      ...last,
      skipped: row.skipped,
    };
    await this.ports.shell.execute({
      aggregate: messageAggregate,
      caller: systemCaller(workspace, 'webhook_delivery', [], true),
      workspace,
      stream: messageIdOf(endpoint, run, position),
      command: { type: 'dead_letter', letter },
      respond: () => ({ status: 200, body: {} }),
    });
  }

  private async settle(told: readonly ToTell[]): Promise<void> {
    const statements: SqlStatement[] = [];
    const parked = told.filter(({ state }) => state === 'parked');
    const gone = told.filter(({ state }) => state === 'given_up');
    if (parked.length > 0) statements.push({ name: 'parked told', text: TOLD, values: arraysOf(KEYS, parked) });
    if (gone.length > 0) statements.push({ name: 'given up told', text: GONE, values: arraysOf(KEYS, gone) });
    if (statements.length === 0) return;
    const hold = holdShards(new Set(told.map(({ endpoint }) => endpoint)), this.ports.tokenOf);
    try {
      await this.ports.connection.transaction([hold, ...statements]);
    } catch (error) {
      // The next owner tells again.
      if (!hasChangedHands(error)) throw error;
    }
  }
}
