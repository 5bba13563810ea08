import { DomainModule } from '../../platform/runtime/domain-module.js';
import { conversationAggregate } from './conversation.aggregate.js';
import { ConversationController } from './conversation.controller.js';
import { conversationsProjection } from './conversations.projection.js';
import { belongingProjection } from './customers/belonging.projection.js';
import { mergedCustomersProjection } from './customers/merged-customers.projection.js';
import { DraftController } from './drafts/draft.controller.js';
import { draftsProjection } from './drafts/drafts.projection.js';
import { ConversationFieldsController } from './fields/conversation-fields.controller.js';
import { customFieldAggregate } from './fields/custom-field.aggregate.js';
import { CustomFieldController } from './fields/custom-field.controller.js';
import { customFieldsProjection } from './fields/custom-fields.projection.js';
import { fieldValuesProjection } from './fields/field-values.projection.js';
import { MessageFieldsController } from './fields/message-fields.controller.js';
import { activitiesProjection } from './history/activities.projection.js';
import { HistoryController } from './history/history.controller.js';
import { ImportController } from './import/import.controller.js';
import { jobAggregate } from './jobs/job.aggregate.js';
import { JobController } from './jobs/job.controller.js';
import { JobRunner } from './jobs/job-runner.js';
import { jobsProjection } from './jobs/jobs.projection.js';
import { labelAggregate } from './labels/label.aggregate.js';
import { LabelController } from './labels/label.controller.js';
import { labelingsProjection } from './labels/labelings.projection.js';
import { labelsProjection } from './labels/labels.projection.js';
import { copiesProjection } from './links/copies.projection.js';
import { LinkController } from './links/link.controller.js';
import { linksProjection } from './links/links.projection.js';
import { refsProjection } from './links/refs.projection.js';
import { MessageController } from './messages/message.controller.js';
import { messageChoicesProjection } from './messages/message-choices.projection.js';
import { messageReactionsProjection } from './messages/message-reactions.projection.js';
import { messageReceiptsProjection } from './messages/message-receipts.projection.js';
import { messagesProjection } from './messages/messages.projection.js';
import { PresenceController } from './presence/presence.controller.js';
import { SearchController } from './search/search.controller.js';
import { searchProjection } from './search/search.projection.js';
import { SnoozeClock } from './snooze-clock.js';
import { statusDetailAggregate } from './status-details/status-detail.aggregate.js';
import { StatusDetailController } from './status-details/status-detail.controller.js';
import { statusDetailsProjection } from './status-details/status-details.projection.js';
import { viewAggregate } from './views/view.aggregate.js';
import { ViewController } from './views/view.controller.js';
import { viewsProjection } from './views/views.projection.js';
import { WorkloadController } from './workload/workload.controller.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/conversation/migrations',
  projections: [
    conversationsProjection,
    labelingsProjection,
    messagesProjection,
    belongingProjection,
    searchProjection,
    messageReactionsProjection,
    messageReceiptsProjection,
    messageChoicesProjection,
    draftsProjection,
    labelsProjection,
    statusDetailsProjection,
    mergedCustomersProjection,
    customFieldsProjection,
    fieldValuesProjection,
    viewsProjection,
    jobsProjection,
    linksProjection,
    refsProjection,
    copiesProjection,
    activitiesProjection,
  ],
  aggregates: [
    conversationAggregate,
    labelAggregate,
    statusDetailAggregate,
    customFieldAggregate,
    viewAggregate,
    jobAggregate,
  ],
  controllers: [
    ConversationController,
    SearchController,
    MessageController,
    DraftController,
    LinkController,
    HistoryController,
    LabelController,
    StatusDetailController,
    PresenceController,
    ViewController,
    JobController,
    ImportController,
    WorkloadController,
    CustomFieldController,
    ConversationFieldsController,
    MessageFieldsController,
  ],
  providers: [SnoozeClock, JobRunner],
})
export class ConversationModule {}
