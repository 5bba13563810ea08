import { Module } from '@nestjs/common';
import { WebhooksModule } from '../../libs/domains/webhooks/webhooks.module.js';

/** The service that brings events to the endpoints that ask for them. */
@Module({ imports: [WebhooksModule] })
export class WebhooksServiceModule {}
