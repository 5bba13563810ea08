import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../../platform/fields/field-requests.js';
import { idToBytes, newId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { type Resource, ResourceReads } from '../../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { fieldTables, shownFields } from '../fields/field-tables.js';
import { tenantAggregate } from './tenant.aggregate.js';
import { getTenant, listTenants, updateTenant, upsertTenant } from './tenant.operations.js';

const TENANTS: Resource = {
  service: 'conversation',
  table: 'tenants',
  prefix: 'ten',
  noun: 'tenant',
  derived: shownFields,
  columns: ['external_id', 'name', 'company_id', 'archived', 'created_at', 'updated_at'],
  ids: { company_id: 'com' },
};

@OperationController()
export class TenantController {
  private readonly reads: ResourceReads;
  private readonly fields: FieldRequests;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, TENANTS);
    this.fields = new FieldRequests(ports.reads, fieldTables, 'tenant');
  }

  @Handles(upsertTenant)
  async upsert({ body }: InputOf<typeof upsertTenant>, caller: Caller): Promise<Reply> {
    const { change: firstFields } = await this.fields.making(caller.workspace!);
    const { external_id: externalId, name, company_id: company } = body;
    return this.ports.shell.execute({
      aggregate: tenantAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'tenant', value: externalId }, orNew: newId('ten') },
      references: company == null ? [] : [company],
      command: { externalId, name, company, firstFields },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateTenant)
  update({ params, body }: InputOf<typeof updateTenant>, caller: Caller): Promise<Reply> {
    const { name, company_id: company, archived } = body;
    return this.ports.shell.execute({
      aggregate: tenantAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      references: company == null ? [] : [company],
      command: { name, company, archived },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getTenant)
  async get({ params }: InputOf<typeof getTenant>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listTenants)
  async list({ query }: InputOf<typeof listTenants>, caller: Caller): Promise<Reply> {
    const { external_id, company, archived } = query;
    const more = { 'company_id =': company === undefined ? undefined : idToBytes(company), 'archived =': archived };
    const condition = await this.fields.rowCondition(caller.workspace!, query.field);
    return ok(await this.reads.list(caller.workspace!, external_id, query, more, condition));
  }
}
