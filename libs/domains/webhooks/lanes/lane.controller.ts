import { Inject } from '@nestjs/common';
import { type Refusal, refuse } from '../../../platform/kernel/decider.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { toPage } from '../../../platform/reads/page.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { endpointAggregate } from '../endpoints/endpoint.aggregate.js';
import { EndpointQueries } from '../endpoints/endpoint.queries.js';
import { type EventHead, eventHeads } from '../queue/event-heads.js';
import { causeOf, type LastAttempt, lastAttempts, placeName } from '../queue/last-attempts.js';
import { LANE_STATES, listLanes, resumeLane, skipLane } from './lane.operations.js';
import { type LaneHead, LaneQueries, type WaitingLaneRow } from './lane.queries.js';
import { decideLane, type ParkedLane, tellParked } from './parked-lane.js';

type LaneState = (typeof LANE_STATES)[number];

const STATES: Readonly<Record<LaneHead['state'], LaneState>> = {
  retry: 'blocked',
  parked: 'parked',
  behind: 'draining',
};
const ROW_STATES: Readonly<Record<LaneState, LaneHead['state']>> = {
  blocked: 'retry',
  parked: 'parked',
  draining: 'behind',
};

/**
 * The lanes of endpoints that ask for order. A request decides of a parked lane by an event; its row is changed by the fan-out, which
 * comes to that event once, in the transaction of its cursor. So log and row agree after a crash at any moment: before the event
 * nothing has happened, after it the row follows. Of a blocked lane nobody else than the owner of its endpoint may decide, who has
 * its message in memory, or under way.
 */
@OperationController()
export class LaneController {
  private readonly queries: LaneQueries;
  private readonly endpoints: EndpointQueries;

  constructor(@Inject(portsOf('webhooks')) private readonly ports: ServicePorts) {
    this.queries = new LaneQueries(ports.reads);
    this.endpoints = new EndpointQueries(ports.reads);
  }

  @Handles(listLanes)
  async list({ params, query }: InputOf<typeof listLanes>, caller: Caller): Promise<Reply> {
    const workspace = caller.workspace!;
    const { limit, state } = query;
    const { body } = await this.endpoints.one(workspace, params.id);
    // Without order each message waits for itself alone.
    if (!(body as { ordered: boolean }).ordered) return ok({ data: [], next_cursor: null });
    const cursor = new ListCursor('webhook_lanes', workspace, { endpoint: params.id, state });
    const place = placeOf(cursor.decode(query.cursor, 20));
    const wanted = state === undefined ? null : ROW_STATES[state];
    const rows = await this.queries.after(workspace, params.id, place, wanted, limit + 1);
    const { events, attempts } = await this.about(workspace, params.id, rows.slice(0, limit));
    return ok(
      toPage(
        rows,
        limit,
        (row) => shownLane(row, events.get(row.position)!, attempts.get(placeName({ ...row, endpoint: params.id }))),
        (last) => cursor.encode(keyOf(last)),
      ),
    );
  }

  @Handles(resumeLane)
  resume({ params, body }: InputOf<typeof resumeLane>, caller: Caller): Promise<Reply> {
    return this.decide(caller, params.id, body, 'resume_lane');
  }

  @Handles(skipLane)
  skip({ params, body }: InputOf<typeof skipLane>, caller: Caller): Promise<Reply> {
    return this.decide(caller, params.id, body, 'skip_lane');
  }

  private async decide(
    caller: Caller,
    endpoint: string,
    { stream, run }: { stream: string; run: number },
    type: 'resume_lane' | 'skip_lane',
  ): Promise<Reply> {
    const found = await this.parked(caller.workspace!, endpoint, run, stream);
    // Which message is meant is kept under the request's key, before anything is done: a repeated request means the same one.
    const chosen = await this.choose(caller, endpoint, found);
    if (chosen.status !== 200) return chosen;
    const { parked } = (typeof chosen.body === 'string' ? JSON.parse(chosen.body) : chosen.body) as {
      parked: ParkedLane;
    };
    // The log says that it is parked before it says that it goes on.
    await tellParked(this.ports.shell, parked);
    const reply = await decideLane(this.ports.shell, { ...caller, ifMatch: null }, parked, type).catch((error) => {
      if (!(error instanceof Problem) || error.code !== 'idempotency_key_reused') throw error;
      throw new Problem('changed_meanwhile', 'Somebody decided otherwise of this lane at the same moment.');
    });
    if (reply.status !== 200) return reply;
    const { eventId: event_id, eventPosition: event_position } = parked;
    return { ...reply, body: { id: endpoint, stream, run, event_id, event_position } };
  }

  private choose(caller: Caller, endpoint: string, found: ParkedLane | Refusal): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: endpointAggregate,
      caller,
      workspace: caller.workspace!,
      stream: endpoint,
      command: { type: 'answer', refusal: 'refused' in found ? found : null },
      respond: () => ({ status: 200, body: { parked: found } }),
    });
  }

  private async parked(
    workspace: string,
    endpoint: string,
    run: number,
    stream: string,
  ): Promise<ParkedLane | Refusal> {
    const head = await this.queries.one(workspace, endpoint, run, stream);
    if (head?.state !== 'parked') return notParked(head);
    const { events, attempts } = await this.about(workspace, endpoint, [head]);
    const attempt = attempts.get(placeName({ ...head, endpoint }));
    const { id: eventId, type: eventType } = events.get(head.position)!;
    return {
      workspace,
      endpoint,
      stream,
      run,
      eventId,
      eventType,
      eventPosition: head.position,
      attempts: head.attempts,
      parkedAt: head.due_us,
      status: attempt?.status ?? null,
      cause: causeOf(attempt),
    };
  }

  /** What the rows of the queue do not have. */
  private async about(workspace: string, endpoint: string, heads: readonly LaneHead[]) {
    const { feed, writing, reads } = this.ports;
    const positions = heads.map(({ position }) => position);
    const events = await eventHeads(feed, writing.codec, positions);
    const places = heads.map((head) => ({ ...head, endpoint, eventId: events.get(head.position)!.id }));
    return { events, attempts: await lastAttempts((statement) => reads.query(workspace, statement), places) };
  }
}

function notParked(head: LaneHead | null): Refusal {
  if (head?.state === 'retry') {
    const what =
      'A message of this lane is attempted again by itself. When it has had all its attempts the lane is parked;';
    return refuse(
      'lane_not_parked',
      `${what} a shorter retry_schedule of the endpoint holds from its next attempt on.`,
    );
  }
  return refuse('lane_not_parked', 'This lane goes on: nothing of it waits for a decision.');
}

function shownLane(row: WaitingLaneRow, event: EventHead, attempt: LastAttempt | undefined): object {
  return {
    stream: event.stream,
    run: row.run,
    state: STATES[row.state],
    event_id: event.id,
    event_type: event.type,
    event_position: row.position,
    attempts: row.attempts,
    next_attempt_at: row.state === 'retry' ? row.due_at : null,
    last_status: attempt?.status ?? null,
    last_error: attempt?.error ?? null,
    behind: row.behind,
    waiting_since: row.since,
  };
}

function keyOf({ run, stream }: LaneHead): Buffer {
  const key = Buffer.alloc(20);
  key.writeInt32BE(run);
  key.write(stream, 4, 'hex');
  return key;
}

function placeOf(key: Buffer | null): { run: number; stream: string } | null {
  return key === null ? null : { run: key.readInt32BE(0), stream: key.toString('hex', 4) };
}
