import { Inject } from '@nestjs/common';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { userAggregate } from './user.aggregate.js';
import { getUser, listUsers, upsertUser } from './user.operations.js';
import { UserQueries } from './user.queries.js';

@OperationController()
export class UserController {
  private readonly queries: UserQueries;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new UserQueries(ports.reads);
  }

  @Handles(upsertUser)
  upsert({ body }: InputOf<typeof upsertUser>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: userAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'user', value: body.external_id }, orNew: newId('usr') },
      command: { externalId: body.external_id, name: body.name, email: body.email },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(getUser)
  async get({ params }: InputOf<typeof getUser>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.queries.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listUsers)
  async list({ query }: InputOf<typeof listUsers>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.list(caller.workspace!, query.external_id, query));
  }
}
