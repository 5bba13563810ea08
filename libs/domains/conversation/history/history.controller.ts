import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { pastOf } from '../../../platform/past/past-query.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { activitiesProjection } from './activities.projection.js';
import { CustomerActivities } from './customer-activities.js';
import type { EntryKind } from './event-kinds.js';
import { compareConversation, readTimeline } from './history.operations.js';
import { PastConversations, readerOf } from './past-conversations.js';

@OperationController()
export class HistoryController {
  private readonly past: PastConversations;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.past = new PastConversations(ports.history, new CustomerActivities(ports.reads));
  }

  @Handles(readTimeline)
  async timeline({ params, query }: InputOf<typeof readTimeline>, caller: Caller): Promise<Reply> {
    await this.ports.caughtUp(activitiesProjection.name, query.wait_for);
    const kinds = query.kinds === undefined ? null : (query.kinds.split(',').sort() as EntryKind[]);
    return ok(await this.past.timeline(readerOf(caller), params.id, pastOf(query), kinds, query));
  }

  @Handles(compareConversation)
  async difference({ params, query }: InputOf<typeof compareConversation>, caller: Caller): Promise<Reply> {
    return ok(await this.past.difference(readerOf(caller), params.id, query.from_seq, query.to_seq ?? null));
  }
}
