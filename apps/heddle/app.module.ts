import { Module } from '@nestjs/common';
import { AccessServiceModule } from '../access/app.module.js';
import { AnalyticsServiceModule } from '../analytics/app.module.js';
import { ConversationServiceModule } from '../conversation/app.module.js';

/** Every service in one process. */
@Module({ imports: [AccessServiceModule, ConversationServiceModule, AnalyticsServiceModule] })
export class AppModule {}
