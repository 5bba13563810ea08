import { Inject } from '@nestjs/common';
import { newId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import type { Connection } from '../../../platform/postgres/connection.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { EndpointQueries } from '../endpoints/endpoint.queries.js';
import { requireTypes } from '../endpoints/endpoint-checks.js';
import { compileFilter } from '../filter/compile-filter.js';
import { declaredFor } from '../filter/declared-fields.js';
import { FactLookup } from '../filter/fact-lookup.js';
import { factsReached } from '../filter/facts-reached.js';
import type { Filter } from '../filter/filter.js';
import { requireKeepable } from '../filter/kept-filter.js';
import { wantedTypes } from '../filter/wanted-types.js';
import { drawRun } from '../queue/run-numbers.js';
import { replayAggregate } from './replay.aggregate.js';
import { MOST_RUNNING } from './replay.decider.js';
import { cancelReplay, getReplay, listReplays, previewReplay, startReplay } from './replay.operations.js';
import { ReplayQueries } from './replay.queries.js';
import { previewOf } from './replay-preview.js';
import { type ReplayRange, replayRange } from './replay-range.js';

type AskedBody = InputOf<typeof previewReplay>['body'];

interface Settled {
  range: ReplayRange;
  types: readonly string[];
  filter: Filter | null;
}

@OperationController()
export class ReplayController {
  private readonly queries: ReplayQueries;
  private readonly endpoints: EndpointQueries;
  private readonly previews: Connection;

  constructor(@Inject(portsOf('webhooks')) private readonly ports: ServicePorts) {
    this.queries = new ReplayQueries(ports.reads);
    this.endpoints = new EndpointQueries(ports.reads);
    this.previews = ports.openSession('replay previews');
  }

  @Handles(startReplay)
  async start({ body }: InputOf<typeof startReplay>, caller: Caller): Promise<Reply> {
    const { endpoint_id: endpoint, only } = body;
    const workspace = caller.workspace!;
    const { range, types, filter } = await this.settle(body, workspace);
    const running = await this.queries.running(workspace, MOST_RUNNING);
    const run = await drawRun(this.ports.installation, workspace, endpoint);
    return this.ports.shell.execute({
      aggregate: replayAggregate,
      caller,
      workspace,
      stream: newId('rpl'),
      command: {
        type: 'start',
        endpoint,
        run,
        ...range,
        types,
        filter: filter === null ? null : JSON.stringify(filter),
        only,
        running,
      },
      references: [endpoint],
      respond: ({ stream, state }) => ({
        status: 202,
        body: { id: stream, status: state.status, run, from_position: range.from, to_position: range.to },
      }),
    });
  }

  @Handles(previewReplay)
  async preview({ body }: InputOf<typeof previewReplay>, caller: Caller): Promise<Reply> {
    const { endpoint_id: endpoint, only } = body;
    const { range, types, filter } = await this.settle(body, caller.workspace!);
    const { ports, previews } = this;
    const { codec } = ports.writing;
    const reading = {
      log: ports.feedLog,
      decode: (stored: { fingerprint: Buffer; payload: Buffer }) => codec.decode(stored.fingerprint, stored.payload),
      open: ports.history.open.bind(ports.history),
      facts: new FactLookup(previews),
      factsReached: (position: number) => factsReached(ports, position),
      connection: previews,
    };
    const asked = {
      workspace: caller.workspace!,
      endpoint,
      types: wantedTypes(types),
      filter: filter === null ? null : compileFilter(filter),
      only,
    };
    const { position, matched, fates, due } = await previewOf(reading, asked, range);
    const { from: from_position, to: to_position } = range;
    return ok({ from_position, to_position, position, complete: position >= to_position, matched, ...fates, due });
  }

  @Handles(getReplay)
  async get({ params }: InputOf<typeof getReplay>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.queries.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listReplays)
  async list({ query }: InputOf<typeof listReplays>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.list(caller.workspace!, query, query));
  }

  @Handles(cancelReplay)
  cancel({ params }: InputOf<typeof cancelReplay>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: replayAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: { type: 'cancel' },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  /** What is asked for, with the endpoint's own where nothing is said. Throws what is wrong with it. */
  private async settle({ endpoint_id, from, to, types, filter }: AskedBody, workspace: string): Promise<Settled> {
    const { reads, feed, feedLog: log, writing } = this.ports;
    const { body } = await this.endpoints.one(workspace, endpoint_id);
    const own = body as { types: string[]; filter: Filter | null };
    if (types !== undefined) requireTypes(types);
    if (filter != null) requireKeepable(filter, await declaredFor(filter, workspace, reads));
    const range = await replayRange({ feed, log, codec: writing.codec }, workspace, { from, to }, Date.now());
    return {
      range,
      types: types === undefined ? own.types : [...new Set(types)],
      filter: filter === undefined ? own.filter : filter,
    };
  }
}
