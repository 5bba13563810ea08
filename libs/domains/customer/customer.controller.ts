import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../platform/fields/field-requests.js';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { ResourceReads } from '../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { customerAggregate } from './customer.aggregate.js';
import { getCustomer, listCustomers, upsertCustomer } from './customer.operations.js';
import { customers } from './customer.queries.js';
import { fieldTables } from './fields/field-tables.js';

@OperationController()
export class CustomerController {
  private readonly reads: ResourceReads;
  private readonly fields: FieldRequests;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, customers);
    this.fields = new FieldRequests(ports.reads, fieldTables, 'customer');
  }

  @Handles(upsertCustomer)
  async upsert({ body }: InputOf<typeof upsertCustomer>, caller: Caller): Promise<Reply> {
    const { change: fields } = await this.fields.making(caller.workspace!);
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'customer', value: body.external_id }, orNew: newId('cus') },
      command: { externalId: body.external_id, name: body.name, fields },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(getCustomer)
  async get({ params }: InputOf<typeof getCustomer>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listCustomers)
  async list({ query }: InputOf<typeof listCustomers>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, query.external_id, query));
  }
}
