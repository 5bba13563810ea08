import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../../platform/fields/field-requests.js';
import type { FieldsByKey } from '../../../platform/fields/wanted-fields.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { companyAggregate } from '../companies/company.aggregate.js';
import { tenantAggregate } from '../tenants/tenant.aggregate.js';
import { fieldTables } from './field-tables.js';
import { companyFields, tenantFields } from './organization-fields.operations.js';

@OperationController()
export class OrganizationFieldsController {
  private readonly ofCompanies: FieldRequests;
  private readonly ofTenants: FieldRequests;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.ofCompanies = new FieldRequests(ports.reads, fieldTables, 'company');
    this.ofTenants = new FieldRequests(ports.reads, fieldTables, 'tenant');
  }

  @Handles(companyFields.update)
  updateCompany({ params, body }: InputOf<typeof companyFields.update>, caller: Caller): Promise<Reply> {
    return this.changeCompany(params.id, body.fields, false, caller);
  }

  @Handles(companyFields.replace)
  replaceCompany({ params, body }: InputOf<typeof companyFields.replace>, caller: Caller): Promise<Reply> {
    return this.changeCompany(params.id, body.fields, true, caller);
  }

  @Handles(companyFields.get)
  getCompany({ params }: InputOf<typeof companyFields.get>, caller: Caller): Promise<Reply> {
    return this.ofCompanies.reply(this.ports.history, caller.workspace!, params.id);
  }

  @Handles(tenantFields.update)
  updateTenant({ params, body }: InputOf<typeof tenantFields.update>, caller: Caller): Promise<Reply> {
    return this.changeTenant(params.id, body.fields, false, caller);
  }

  @Handles(tenantFields.replace)
  replaceTenant({ params, body }: InputOf<typeof tenantFields.replace>, caller: Caller): Promise<Reply> {
    return this.changeTenant(params.id, body.fields, true, caller);
  }

  @Handles(tenantFields.get)
  getTenant({ params }: InputOf<typeof tenantFields.get>, caller: Caller): Promise<Reply> {
    return this.ofTenants.reply(this.ports.history, caller.workspace!, params.id);
  }

  private async changeCompany(id: string, values: FieldsByKey, replaces: boolean, caller: Caller): Promise<Reply> {
    const workspace = caller.workspace!;
    const { change: fields, references } = await this.ofCompanies.changing(workspace, id, values, replaces);
    return this.ports.shell.execute({
      aggregate: companyAggregate,
      caller,
      workspace,
      stream: id,
      references,
      command: { fields },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  private async changeTenant(id: string, values: FieldsByKey, replaces: boolean, caller: Caller): Promise<Reply> {
    const workspace = caller.workspace!;
    const { change: fields, references } = await this.ofTenants.changing(workspace, id, values, replaces);
    return this.ports.shell.execute({
      aggregate: tenantAggregate,
      caller,
      workspace,
      stream: id,
      references,
      command: { fields },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }
}
