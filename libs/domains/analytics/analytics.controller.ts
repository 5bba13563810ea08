import { Inject } from '@nestjs/common';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { getConversationFacts } from './analytics.operations.js';
import { conversationFactsProjection } from './projections/conversation-facts/conversation-facts.projection.js';
import { conversationFacts } from './projections/conversation-facts/conversation-facts.query.js';

@OperationController()
export class AnalyticsController {
  constructor(@Inject(portsOf('analytics')) private readonly ports: ServicePorts) {}

  @Handles(getConversationFacts)
  async conversation({ params, query }: InputOf<typeof getConversationFacts>, caller: Caller): Promise<Reply> {
    await this.ports.caughtUp(conversationFactsProjection.name, query.wait_for);
    return ok(await conversationFacts(this.ports.reads, caller.workspace!, params.id));
  }
}
