import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { getAttempt, listAttempts, listDeliveries } from './attempt.operations.js';
import { AttemptQueries } from './attempt.queries.js';
import { AttemptDetail } from './attempt-detail.js';
import { DeliveryQueries } from './delivery.queries.js';

@OperationController()
export class AttemptController {
  private readonly attempts: AttemptQueries;
  private readonly deliveries: DeliveryQueries;
  private readonly detail: AttemptDetail;

  constructor(@Inject(portsOf('webhooks')) ports: ServicePorts) {
    this.attempts = new AttemptQueries(ports.reads);
    this.deliveries = new DeliveryQueries(ports);
    this.detail = new AttemptDetail(ports);
  }

  @Handles(listAttempts)
  async list({ params, query }: InputOf<typeof listAttempts>, caller: Caller): Promise<Reply> {
    const { limit, cursor, ...filter } = query;
    return ok(await this.attempts.list(caller.workspace!, params.id, filter, { limit, cursor }));
  }

  @Handles(getAttempt)
  async get({ params }: InputOf<typeof getAttempt>, caller: Caller): Promise<Reply> {
    const { shown, kept } = await this.attempts.one(caller.workspace!, params.id, params.attempt_id);
    return ok(await this.detail.of(shown, kept));
  }

  @Handles(listDeliveries)
  async waiting({ params, query }: InputOf<typeof listDeliveries>, caller: Caller): Promise<Reply> {
    return ok(await this.deliveries.list(caller.workspace!, params.id, query.state, query));
  }
}
