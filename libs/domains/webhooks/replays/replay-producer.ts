import { idToBytes } from '../../../platform/kernel/id.js';
import type { Connection, SqlStatement } from '../../../platform/postgres/connection.js';
import { insertFresh } from '../fan-out/due-rows.js';
import { matching } from '../fan-out/matching.js';
import { pinOf, type Route } from '../fan-out/routes.js';
import { hintOthers, hintWaiting } from '../queue/hints.js';
import { holdShards } from '../queue/hold-shards.js';
import { fatesOf, isMeant } from './earlier-attempts.js';
import type { Replay } from './replay-row.js';
import { type PagePorts, wantedPage } from './wanted-page.js';

export interface ProducerPorts extends PagePorts {
  /** A session of the service's own, which sees all workspaces. */
  connection: Pick<Connection, 'query' | 'transaction'>;
  tokenOf(shard: number): number | null;
}

const MOVED_ALREADY = 'HD002';

const WAITING = `
  select (select count(*) from (select from webhooks.fresh where endpoint = $1 and run = $2 limit $3) f)
       + (select count(*) from (select from webhooks.waiting where endpoint = $1 and run = $2 limit $3) w) as waiting`;
/** What was given up becomes a dead letter, whoever cancels. What comes to wait again afterwards was counted before. */
const TAKE_BACK = `
  with f as (delete from webhooks.fresh where endpoint = $3 and run = $4 returning 1),
       w as (delete from webhooks.waiting where endpoint = $3 and run = $4 and state <> 'given_up' returning 1)
  insert into webhooks.replays_progress as p (replay, workspace, position, due, passed_over, is_taken_back, taken_back)
  select $1, $2, $5, 0, 0, true, (select count(*) from f) + (select count(*) from w)
  on conflict (replay) do update
    set is_taken_back = true, taken_back = case when p.is_taken_back then p.taken_back else excluded.taken_back end`;

/**
 * Puts what a replay is about into the queue, a page at a time: rows and how far it has come in one transaction, which only
 * the owner of the endpoint's shard can make. So it goes on where it was, whatever is killed when; and who hears nothing of a
 * commit cannot make it twice.
 */
export class ReplayProducer {
  constructor(private readonly ports: ProducerPorts) {}

  /** How many messages of it wait, counted as far as `most` in each table. */
  async waiting({ endpoint, run }: Pick<Replay, 'endpoint' | 'run'>, most: number): Promise<number> {
    const { rows } = await this.ports.connection.query<{ waiting: number }>({
      name: 'waiting of a run',
      text: WAITING,
      values: [idToBytes(endpoint), run, most],
    });
    return Number(rows[0]!.waiting);
  }

  /** False where there is nothing to read for now. Throws where the store is away, or the shard is another's. */
  async produce(replay: Replay, route: Route): Promise<boolean> {
    const { endpoint, run, workspace, position, to } = replay;
    const { wanted, scannedTo } = await wantedPage(this.ports, replay, position, to);
    if (scannedTo <= position) return false;
    const matched = await matching(this.ports, wanted);
    const meant = await this.meant(replay, matched);
    const rows = meant.map(({ event, stored }) => {
      const { stream } = event.meta;
      return { endpoint, run, position: stored.position, workspace, stream, pin: pinOf(route, event) };
    });
    const statements = [
      this.advance(replay, scannedTo, rows.length, matched.length - meant.length),
      ...(rows.length > 0 ? [insertFresh(rows), hintOthers([endpoint], run)] : []),
    ];
    await this.commit(replay, statements);
    return true;
  }

  /** Removes what the queue has of it. */
  takeBack(replay: Replay): Promise<void> {
    const { id, workspace, endpoint, run, position } = replay;
    const values = [idToBytes(id), idToBytes(workspace), idToBytes(endpoint), run, position];
    return this.commit(replay, [{ name: 'take back a run', text: TAKE_BACK, values }, hintWaiting([endpoint])]);
  }

  private async meant<Event extends { stored: { position: number }; event: { meta: { id: string } } }>(
    { endpoint, only }: Replay,
    matched: readonly Event[],
  ): Promise<readonly Event[]> {
    if (only === 'all' || matched.length === 0) return matched;
    const places = matched.map(({ stored, event }) => ({ position: stored.position, id: event.meta.id }));
    const fates = await fatesOf(this.ports.connection, endpoint, places);
    return matched.filter(({ stored }) => isMeant(only, fates.get(stored.position)!));
  }

  private advance({ id, workspace, position }: Replay, to: number, due: number, passedOver: number): SqlStatement {
    return {
      name: 'advance replay',
      text: 'select webhooks.advance_replay($1, $2, $3, $4, $5, $6)',
      values: [idToBytes(id), idToBytes(workspace), position, to, due, passedOver],
    };
  }

  private async commit({ endpoint }: Replay, statements: readonly SqlStatement[]): Promise<void> {
    const { connection, tokenOf } = this.ports;
    try {
      await connection.transaction([holdShards([endpoint], tokenOf), ...statements]);
    } catch (error) {
      if ((error as { code?: unknown }).code !== MOVED_ALREADY) throw error;
    }
  }
}
