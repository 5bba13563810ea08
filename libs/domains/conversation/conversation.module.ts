import { DomainModule } from '../../platform/runtime/domain-module.js';
import { conversationAggregate } from './conversation.aggregate.js';
import { ConversationController } from './conversation.controller.js';
import { ImportController } from './import/import.controller.js';
import { conversationsProjection } from './projections/conversations/conversations.projection.js';
import { messagesProjection } from './projections/messages/messages.projection.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/conversation/migrations',
  projections: [conversationsProjection, messagesProjection],
  aggregates: [conversationAggregate],
  controllers: [ConversationController, ImportController],
})
export class ConversationModule {}
