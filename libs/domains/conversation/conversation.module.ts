import { DomainModule } from '../../platform/runtime/domain-module.js';
import { conversationAggregate } from './conversation.aggregate.js';
import { ConversationController } from './conversation.controller.js';
import { ImportController } from './import/import.controller.js';
import { labelAggregate } from './labels/label.aggregate.js';
import { LabelController } from './labels/label.controller.js';
import { labelsProjection } from './labels/labels.projection.js';
import { LinkController } from './links/link.controller.js';
import { linksProjection } from './links/links.projection.js';
import { refsProjection } from './links/refs.projection.js';
import { conversationsProjection } from './projections/conversations/conversations.projection.js';
import { labelingsProjection } from './projections/labelings/labelings.projection.js';
import { messagesProjection } from './projections/messages/messages.projection.js';
import { SnoozeClock } from './reactions/snooze-clock.js';
import { statusDetailAggregate } from './status-details/status-detail.aggregate.js';
import { StatusDetailController } from './status-details/status-detail.controller.js';
import { statusDetailsProjection } from './status-details/status-details.projection.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/conversation/migrations',
  projections: [
    conversationsProjection,
    labelingsProjection,
    messagesProjection,
    labelsProjection,
    statusDetailsProjection,
    linksProjection,
    refsProjection,
  ],
  aggregates: [conversationAggregate, labelAggregate, statusDetailAggregate],
  controllers: [ConversationController, LabelController, StatusDetailController, LinkController, ImportController],
  providers: [SnoozeClock],
})
export class ConversationModule {}
