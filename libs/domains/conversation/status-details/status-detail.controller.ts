import { Inject } from '@nestjs/common';
import { newId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { type Resource, ResourceReads } from '../../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { detailNamed, statusDetailAggregate } from './status-detail.aggregate.js';
import {
  getStatusDetail,
  listStatusDetails,
  updateStatusDetail,
  upsertStatusDetail,
} from './status-detail.operations.js';

const STATUS_DETAILS: Resource = {
  service: 'conversation',
  table: 'status_details',
  prefix: 'sdt',
  noun: 'status detail',
  columns: ['status', 'name', 'archived', 'created_at', 'updated_at'],
};

@OperationController()
export class StatusDetailController {
  private readonly reads: ResourceReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, STATUS_DETAILS);
  }

  @Handles(upsertStatusDetail)
  upsert({ body }: InputOf<typeof upsertStatusDetail>, caller: Caller): Promise<Reply> {
    const { status, name } = body;
    return this.ports.shell.execute({
      aggregate: statusDetailAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: detailNamed(status, name), orNew: newId('sdt') },
      command: { type: 'make', status, name },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateStatusDetail)
  update({ params, body }: InputOf<typeof updateStatusDetail>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: statusDetailAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: { type: body.archived ? 'archive' : 'restore' },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getStatusDetail)
  async get({ params }: InputOf<typeof getStatusDetail>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listStatusDetails)
  async list({ query }: InputOf<typeof listStatusDetails>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, undefined, query, { 'archived =': query.archived }));
  }
}
