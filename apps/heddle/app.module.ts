import { Module } from '@nestjs/common';
import { AccessServiceModule } from '../access/app.module.js';
import { AnalyticsServiceModule } from '../analytics/app.module.js';
import { ConversationServiceModule } from '../conversation/app.module.js';
import { EventsServiceModule } from '../events/app.module.js';
import { IngestServiceModule } from '../ingest/app.module.js';
import { WebhooksServiceModule } from '../webhooks/app.module.js';

/** Every service in one process. */
@Module({
  imports: [
    AccessServiceModule,
    ConversationServiceModule,
    AnalyticsServiceModule,
    IngestServiceModule,
    EventsServiceModule,
    WebhooksServiceModule,
  ],
})
export class AppModule {}
