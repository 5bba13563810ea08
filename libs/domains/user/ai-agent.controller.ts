import { Inject } from '@nestjs/common';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { ResourceReads } from '../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { aiAgentAggregate } from './ai-agent.aggregate.js';
import type { ChangeAiAgent } from './ai-agent.decider.js';
import { getAiAgent, listAiAgents, updateAiAgent, upsertAiAgent } from './ai-agent.operations.js';
import { aiAgents } from './ai-agent.queries.js';
import { availabilityConditions } from './availability/availability-reads.js';

@OperationController()
export class AiAgentController {
  private readonly reads: ResourceReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, aiAgents);
  }

  @Handles(upsertAiAgent)
  upsert({ body }: InputOf<typeof upsertAiAgent>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: aiAgentAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'ai_agent', value: body.external_id }, orNew: newId('aia') },
      command: { ...changeOf(body), externalId: body.external_id },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateAiAgent)
  update({ params, body }: InputOf<typeof updateAiAgent>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: aiAgentAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: changeOf(body),
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getAiAgent)
  async get({ params }: InputOf<typeof getAiAgent>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.reads.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listAiAgents)
  async list({ query }: InputOf<typeof listAiAgents>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, query.external_id, query, availabilityConditions(query)));
  }
}

function changeOf({ name, status, skills, capacity }: InputOf<typeof updateAiAgent>['body']): ChangeAiAgent {
  return { name, status, skills, capacity };
}
