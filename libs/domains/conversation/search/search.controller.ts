import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { orderOf } from './conversation-order.js';
import { ConversationSearch } from './conversation-search.js';
import { countConversations, searchConversations } from './search.operations.js';
import { searchProjection } from './search.projection.js';

@OperationController()
export class SearchController {
  private readonly search: ConversationSearch;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.search = new ConversationSearch(ports.reads);
  }

  @Handles(searchConversations)
  async find({ body }: InputOf<typeof searchConversations>, caller: Caller): Promise<Reply> {
    const { filter, text, notes, sort, order, highlights, limit, cursor } = body;
    await this.ports.caughtUp(searchProjection.name, body.wait_for);
    const wanted = { filter, text, notes, highlights, order: orderOf(sort, order, text !== undefined) };
    return ok(await this.search.page(caller.workspace!, wanted, { limit, cursor }));
  }

  @Handles(countConversations)
  async count({ body }: InputOf<typeof countConversations>, caller: Caller): Promise<Reply> {
    await this.ports.caughtUp(searchProjection.name, body.wait_for);
    return ok(await this.search.count(caller.workspace!, body, body.group_by));
  }
}
