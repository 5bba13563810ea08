import { Inject } from '@nestjs/common';
import { FieldReads } from '../../../platform/fields/field-reads.js';
import type { FieldDependency, FieldObject } from '../../../platform/kernel/fields/field-declaration.js';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { type Resource, ResourceReads } from '../../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { customFieldAggregate, fieldKeyed } from './custom-field.aggregate.js';
import type { ChangeCustomField } from './custom-field.decider.js';
import { getCustomField, listCustomFields, updateCustomField, upsertCustomField } from './custom-field.operations.js';
import { fieldTables } from './field-tables.js';

const MOST_IN_USE = 200;

const CUSTOM_FIELDS: Resource = {
  service: 'conversation',
  table: 'custom_fields',
  prefix: 'fld',
  noun: 'custom field',
  columns: [
    'object',
    'key',
    'kind',
    'version',
    'name',
    'description',
    'personal',
    'required',
    'reference_to',
    'archived',
    'created_at',
    'updated_at',
  ],
  derived: {
    default: 'r.default_value::json',
    options: 'r.options::json',
    depends_on: 'r.depends_on::json',
  },
};

@OperationController()
export class CustomFieldController {
  private readonly reads: ResourceReads;
  private readonly fields: FieldReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, CUSTOM_FIELDS);
    this.fields = new FieldReads(ports.reads, fieldTables);
  }

  @Handles(upsertCustomField)
  async upsert({ body }: InputOf<typeof upsertCustomField>, caller: Caller): Promise<Reply> {
    const { object, key, kind, personal, reference_to: referenceTo } = body;
    const declared = await this.fields.declarations(caller.workspace!, object);
    if (
      declared.filter(({ archived }) => !archived).length >= MOST_IN_USE &&
      !declared.some((one) => one.key === key)
    ) {
      throw new Problem('too_many_fields', `There are ${MOST_IN_USE} fields of a ${object} in use. Archive one first.`);
    }
    return this.ports.shell.execute({
      aggregate: customFieldAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: fieldKeyed(object, key), orNew: newId('fld') },
      command: ({ stream }) => ({
        ...changeOf(body, stream),
        identity: {
          object,
          key,
          kind,
          ...(personal === undefined ? {} : { personal }),
          ...(referenceTo === undefined ? {} : { referenceTo }),
        },
        parent: declared.find(({ id }) => id === body.depends_on?.field_id) ?? null,
      }),
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateCustomField)
  async update({ params, body }: InputOf<typeof updateCustomField>, caller: Caller): Promise<Reply> {
    const parent = await this.parentOf(caller.workspace!, body.depends_on ?? null);
    return this.ports.shell.execute({
      aggregate: customFieldAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: { ...changeOf(body, params.id), parent },
      respond: ({ stream, seq }) => ({ status: 200, body: { id: stream, version: seq } }),
    });
  }

  @Handles(getCustomField)
  async get({ params }: InputOf<typeof getCustomField>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listCustomFields)
  async list({ query }: InputOf<typeof listCustomFields>, caller: Caller): Promise<Reply> {
    const more = { 'object =': query.object, 'archived =': query.archived };
    return ok(await this.reads.list(caller.workspace!, undefined, query, more));
  }

  private async parentOf(workspace: string, dependsOn: FieldDependency | null) {
    if (dependsOn === null) return null;
    const found = await this.reads.one(workspace, dependsOn.field_id).catch(() => null);
    if (found === null) return null;
    const { object } = found.body as { object: FieldObject };
    const declared = await this.fields.declarations(workspace, object);
    return declared.find(({ id }) => id === dependsOn.field_id) ?? null;
  }
}

function changeOf(body: Partial<InputOf<typeof updateCustomField>['body']>, self: string): ChangeCustomField {
  const { name, description, required, default: value, options, depends_on: dependsOn, archived } = body;
  return { name, description, required, default: value, options, dependsOn, archived, self };
}
