import { pino } from 'pino';
import { Runtime } from '../../platform/runtime/runtime.js';
import type { ServicePorts } from '../../platform/runtime/service-ports.js';
import { EndpointController } from './endpoints/endpoint.controller.js';
import { AddressGuard } from './sending/address-guard.js';
import { WebhookDelivery } from './webhook-delivery.js';
import { WebhooksModule } from './webhooks.module.js';

const GUARD = { http: true, networks: ['127.0.0.0/8'] };

/** A process that delivers: all of it but its server. */
export class DeliveryProcess {
  private constructor(
    private readonly runtime: Runtime,
    readonly delivery: WebhookDelivery,
    readonly endpoints: EndpointController,
  ) {}

  static async start(databaseUrl: string): Promise<DeliveryProcess> {
    const runtime = await Runtime.start({
      databaseUrl,
      module: WebhooksModule,
      log: pino({ level: 'silent' }),
      kafka: null,
      traces: null,
      webhooks: GUARD,
    });
    const ports = runtime.services.get('webhooks')!;
    const delivery = new WebhookDelivery(ports, new AddressGuard(GUARD));
    delivery.onApplicationBootstrap();
    return new DeliveryProcess(runtime, delivery, new EndpointController(ports, new AddressGuard(GUARD)));
  }

  get webhooks(): ServicePorts {
    return this.runtime.services.get('webhooks')!;
  }

  async close(): Promise<void> {
    await this.delivery.onModuleDestroy();
    await this.runtime.close();
  }
}
