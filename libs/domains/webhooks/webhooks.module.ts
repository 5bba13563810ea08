import { DomainModule } from '../../platform/runtime/domain-module.js';

@DomainModule({
  service: 'webhooks',
  migrations: 'libs/domains/webhooks/migrations',
  projections: [],
  aggregates: [],
  controllers: [],
  providers: [],
})
export class WebhooksModule {}
