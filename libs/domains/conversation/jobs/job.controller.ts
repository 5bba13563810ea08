import { Inject } from '@nestjs/common';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { updateConversation } from '../conversation.operations.js';
import { ConversationSearch } from '../search/conversation-search.js';
import type { Filter } from '../search/filter.js';
import { jobAggregate } from './job.aggregate.js';
import { MOST_RUNNING } from './job.decider.js';
import { cancelJob, changeManyConversations, getJob, listJobRows, listJobs, MOST_ROWS } from './job.operations.js';
import { JobQueries } from './job.queries.js';
import { JobRunner } from './job-runner.js';

/** So many rows take one unit of the quota, beside what every request takes. */
const ROWS_A_UNIT = 100;

@OperationController()
export class JobController {
  private readonly queries: JobQueries;
  private readonly search: ConversationSearch;

  constructor(
    @Inject(portsOf('conversation')) private readonly ports: ServicePorts,
    @Inject(JobRunner) private readonly runner: JobRunner,
  ) {
    this.queries = new JobQueries(ports.reads);
    this.search = new ConversationSearch(ports.reads);
  }

  @Handles(changeManyConversations)
  async change({ body }: InputOf<typeof changeManyConversations>, caller: Caller): Promise<Reply> {
    const conversations = 'ids' in body ? [...new Set(body.ids)] : await this.meant(body.filter, caller);
    caller.charge?.(Math.floor(conversations.length / ROWS_A_UNIT));
    const running = await this.queries.running(caller.workspace!, MOST_RUNNING);
    const kind = updateConversation.name;
    const reply = await this.ports.shell.execute({
      aggregate: jobAggregate,
      caller,
      workspace: caller.workspace!,
      stream: newId('job'),
      command: { type: 'create', kind, body: JSON.stringify(body.patch), conversations, running },
      respond: ({ stream, state }) => ({
        status: 202,
        body: { id: stream, status: state.status, total: state.total },
      }),
    });
    this.runner.wake();
    return reply;
  }

  @Handles(getJob)
  async get({ params }: InputOf<typeof getJob>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.queries.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listJobs)
  async list({ query }: InputOf<typeof listJobs>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.list(caller.workspace!, query.status, query));
  }

  @Handles(listJobRows)
  async rows({ params, query }: InputOf<typeof listJobRows>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.rows(caller.workspace!, params.id, query.status, query));
  }

  @Handles(cancelJob)
  cancel({ params }: InputOf<typeof cancelJob>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: jobAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: { type: 'cancel' },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  private async meant(filter: Filter, caller: Caller): Promise<string[]> {
    const ids = await this.search.ids(caller.workspace!, filter, MOST_ROWS + 1);
    if (ids.length <= MOST_ROWS) return ids;
    throw new Problem(
      'too_many_conversations',
      `The filter means more than ${MOST_ROWS} conversations. Narrow it, such as by created_at, and send several jobs.`,
    );
  }
}
