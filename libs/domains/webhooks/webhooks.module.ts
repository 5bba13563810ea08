import { DomainModule } from '../../platform/runtime/domain-module.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { AttemptController } from './attempts/attempt.controller.js';
import { AttemptRetention } from './attempts/attempt-retention.js';
import { TestSendController } from './attempts/test-send.controller.js';
import { TestSend } from './attempts/test-send.js';
import { WebhookDeadLetterController } from './dead-letters/dead-letter.controller.js';
import { deadLettersProjection } from './dead-letters/dead-letters.projection.js';
import { messageAggregate } from './dead-letters/message.aggregate.js';
import { Redrives } from './dead-letters/redrives.js';
import { endpointAggregate } from './endpoints/endpoint.aggregate.js';
import { EndpointController } from './endpoints/endpoint.controller.js';
import { endpointsProjection } from './endpoints/endpoints.projection.js';
import { factsProjection } from './filter/facts.projection.js';
import { LaneController } from './lanes/lane.controller.js';
import { replayAggregate } from './replays/replay.aggregate.js';
import { ReplayController } from './replays/replay.controller.js';
import { replaysProjection } from './replays/replays.projection.js';
import { AddressGuard } from './sending/address-guard.js';
import { WebhookDelivery } from './webhook-delivery.js';

@DomainModule({
  service: 'webhooks',
  migrations: 'libs/domains/webhooks/migrations',
  projections: [endpointsProjection, factsProjection, deadLettersProjection, replaysProjection],
  aggregates: [endpointAggregate, messageAggregate, replayAggregate],
  controllers: [
    EndpointController,
    AttemptController,
    TestSendController,
    LaneController,
    WebhookDeadLetterController,
    ReplayController,
  ],
  providers: [
    {
      provide: AddressGuard,
      inject: [portsOf('webhooks')],
      useFactory: ({ webhooks }: ServicePorts) => new AddressGuard(webhooks),
    },
    WebhookDelivery,
    Redrives,
    AttemptRetention,
    TestSend,
  ],
})
export class WebhooksModule {}
