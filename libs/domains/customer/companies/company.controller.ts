import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../../platform/fields/field-requests.js';
import { newId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { type Resource, ResourceReads } from '../../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { fieldTables, shownFields } from '../fields/field-tables.js';
import { companyAggregate } from './company.aggregate.js';
import { getCompany, listCompanies, updateCompany, upsertCompany } from './company.operations.js';

const COMPANIES: Resource = {
  service: 'conversation',
  table: 'companies',
  prefix: 'com',
  noun: 'company',
  derived: shownFields,
  columns: ['external_id', 'name', 'domains', 'archived', 'created_at', 'updated_at'],
};

@OperationController()
export class CompanyController {
  private readonly reads: ResourceReads;
  private readonly fields: FieldRequests;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, COMPANIES);
    this.fields = new FieldRequests(ports.reads, fieldTables, 'company');
  }

  @Handles(upsertCompany)
  async upsert({ body }: InputOf<typeof upsertCompany>, caller: Caller): Promise<Reply> {
    const { change: firstFields } = await this.fields.making(caller.workspace!);
    const { external_id: externalId, name, domains } = body;
    return this.ports.shell.execute({
      aggregate: companyAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'company', value: externalId }, orNew: newId('com') },
      command: { externalId, name, domains, firstFields },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateCompany)
  update({ params, body }: InputOf<typeof updateCompany>, caller: Caller): Promise<Reply> {
    const { name, domains, archived } = body;
    return this.ports.shell.execute({
      aggregate: companyAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: { name, domains, archived },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getCompany)
  async get({ params }: InputOf<typeof getCompany>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listCompanies)
  async list({ query }: InputOf<typeof listCompanies>, caller: Caller): Promise<Reply> {
    const { external_id, domain, archived } = query;
    const more = { 'domains @>': domain === undefined ? undefined : [domain], 'archived =': archived };
    const condition = await this.fields.rowCondition(caller.workspace!, query.field);
    return ok(await this.reads.list(caller.workspace!, external_id, query, more, condition));
  }
}
