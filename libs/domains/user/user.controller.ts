import { Inject } from '@nestjs/common';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { ResourceReads } from '../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { availabilityConditions } from './availability/availability-reads.js';
import { userAggregate } from './user.aggregate.js';
import type { ChangeUser } from './user.decider.js';
import { getUser, listUsers, updateUser, upsertUser } from './user.operations.js';
import { users } from './user.queries.js';

@OperationController()
export class UserController {
  private readonly reads: ResourceReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, users);
  }

  @Handles(upsertUser)
  upsert({ body }: InputOf<typeof upsertUser>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: userAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'user', value: body.external_id }, orNew: newId('usr') },
      command: { ...changeOf(body), externalId: body.external_id },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateUser)
  update({ params, body }: InputOf<typeof updateUser>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: userAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: changeOf(body),
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getUser)
  async get({ params }: InputOf<typeof getUser>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listUsers)
  async list({ query }: InputOf<typeof listUsers>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, query.external_id, query, availabilityConditions(query)));
  }
}

function changeOf({ name, email, status, skills, capacity }: InputOf<typeof updateUser>['body']): ChangeUser {
  return { name, email, status, skills, capacity };
}
