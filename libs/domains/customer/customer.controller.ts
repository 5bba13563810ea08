import { Inject } from '@nestjs/common';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { pastOf } from '../../platform/past/past-query.js';
import { ResourceReads } from '../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { customerAggregate } from './customer.aggregate.js';
import { getCustomer, listCustomers, upsertCustomer } from './customer.operations.js';
import { customers } from './customer.queries.js';
import { pastCustomer } from './history/past-customer.js';

@OperationController()
export class CustomerController {
  private readonly reads: ResourceReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, customers);
  }

  @Handles(upsertCustomer)
  upsert({ body }: InputOf<typeof upsertCustomer>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'customer', value: body.external_id }, orNew: newId('cus') },
      command: { externalId: body.external_id, name: body.name },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(getCustomer)
  async get({ params, query }: InputOf<typeof getCustomer>, caller: Caller): Promise<Reply> {
    const past = pastOf(query);
    const { body, version } =
      past === null
        ? await this.reads.one(caller.workspace!, params.id)
        : await pastCustomer(this.ports.history, caller, params.id, past);
    return ok(body, version);
  }

  @Handles(listCustomers)
  async list({ query }: InputOf<typeof listCustomers>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, query.external_id, query));
  }
}
