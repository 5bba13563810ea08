import { DomainModule } from '../../platform/runtime/domain-module.js';
import { AnalyticsController } from './analytics.controller.js';
import { conversationFactsProjection } from './projections/conversation-facts/conversation-facts.projection.js';

@DomainModule({
  service: 'analytics',
  migrations: 'libs/domains/analytics/migrations',
  projections: [conversationFactsProjection],
  aggregates: [],
  controllers: [AnalyticsController],
})
export class AnalyticsModule {}
