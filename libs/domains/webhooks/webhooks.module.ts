import { DomainModule } from '../../platform/runtime/domain-module.js';
import { endpointAggregate } from './endpoints/endpoint.aggregate.js';
import { factsProjection } from './filter/facts.projection.js';
import { WebhookDelivery } from './webhook-delivery.js';

@DomainModule({
  service: 'webhooks',
  migrations: 'libs/domains/webhooks/migrations',
  projections: [factsProjection],
  aggregates: [endpointAggregate],
  controllers: [],
  providers: [WebhookDelivery],
})
export class WebhooksModule {}
