import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../../platform/fields/field-requests.js';
import type { FieldsByKey } from '../../../platform/fields/wanted-fields.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { customerAggregate } from '../customer.aggregate.js';
import { CustomerQueries } from '../customer.queries.js';
import { getCustomerFields, replaceCustomerFields, updateCustomerFields } from './customer-fields.operations.js';
import { fieldTables } from './field-tables.js';

@OperationController()
export class CustomerFieldsController {
  private readonly fields: FieldRequests;
  private readonly queries: CustomerQueries;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.fields = new FieldRequests(ports.reads, fieldTables, 'customer');
    this.queries = new CustomerQueries(ports.reads);
  }

  @Handles(updateCustomerFields)
  update({ params, body }: InputOf<typeof updateCustomerFields>, caller: Caller): Promise<Reply> {
    return this.change(params.id, body.fields, false, caller);
  }

  @Handles(replaceCustomerFields)
  replace({ params, body }: InputOf<typeof replaceCustomerFields>, caller: Caller): Promise<Reply> {
    return this.change(params.id, body.fields, true, caller);
  }

  @Handles(getCustomerFields)
  async get({ params }: InputOf<typeof getCustomerFields>, caller: Caller): Promise<Reply> {
    const { survivor } = await this.queries.joined(caller.workspace!, params.id);
    return this.fields.reply(this.ports.history, caller.workspace!, survivor, params.id);
  }

  private async change(id: string, fields: FieldsByKey, replaces: boolean, caller: Caller): Promise<Reply> {
    const { survivor, survivorMergedInto } = await this.queries.joined(caller.workspace!, id);
    const { change, references } = await this.fields.changing(caller.workspace!, survivor, fields, replaces);
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: survivor,
      references,
      command: { type: 'change_fields', ...change, despiteMergeInto: survivorMergedInto },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }
}
