import { DomainModule } from '../../platform/runtime/domain-module.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { endpointAggregate } from './endpoints/endpoint.aggregate.js';
import { EndpointController } from './endpoints/endpoint.controller.js';
import { endpointsProjection } from './endpoints/endpoints.projection.js';
import { factsProjection } from './filter/facts.projection.js';
import { AddressGuard } from './sending/address-guard.js';
import { WebhookDelivery } from './webhook-delivery.js';

@DomainModule({
  service: 'webhooks',
  migrations: 'libs/domains/webhooks/migrations',
  projections: [endpointsProjection, factsProjection],
  aggregates: [endpointAggregate],
  controllers: [EndpointController],
  providers: [
    {
      provide: AddressGuard,
      inject: [portsOf('webhooks')],
      useFactory: ({ webhooks }: ServicePorts) => new AddressGuard(webhooks),
    },
    WebhookDelivery,
  ],
})
export class WebhooksModule {}
