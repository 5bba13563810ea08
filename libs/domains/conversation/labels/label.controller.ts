import { Inject } from '@nestjs/common';
import { newId, toId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { type Resource, ResourceReads } from '../../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { labelAggregate, labelNamed } from './label.aggregate.js';
import { getLabel, listLabels, updateLabel, upsertLabel } from './label.operations.js';

const LABELS: Resource = {
  service: 'conversation',
  table: 'labels',
  prefix: 'lbl',
  noun: 'label',
  columns: ['name', 'color', 'description', 'archived', 'created_at', 'updated_at'],
};

@OperationController()
export class LabelController {
  private readonly reads: ResourceReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, LABELS);
  }

  @Handles(upsertLabel)
  upsert({ body }: InputOf<typeof upsertLabel>, caller: Caller): Promise<Reply> {
    const { name, color, description } = body;
    return this.ports.shell.execute({
      aggregate: labelAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: labelNamed(name), orNew: newId('lbl') },
      command: { name, color, description },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateLabel)
  update({ params, body }: InputOf<typeof updateLabel>, caller: Caller): Promise<Reply> {
    const { name, color, description, archived } = body;
    return this.ports.shell.execute({
      aggregate: labelAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      ...(name === undefined ? {} : { claims: [labelNamed(name)] }),
      // Its own names are taken as well, by itself: the decider tells the two apart.
      toleratesTaken: true,
      command: ({ stream, taken }) => {
        const owner = [...taken.values()].map((uuid) => toId('lbl', uuid)).find((id) => id !== stream);
        return { name, color, description, archived, nameIsOf: owner };
      },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getLabel)
  async get({ params }: InputOf<typeof getLabel>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listLabels)
  async list({ query }: InputOf<typeof listLabels>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, undefined, query, { 'archived =': query.archived }));
  }
}
