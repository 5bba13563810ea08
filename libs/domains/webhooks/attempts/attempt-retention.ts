import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { loggedError } from '../../../platform/observability/logged-error.js';
import { Rounds } from '../../../platform/runtime/rounds.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { Retention } from './retention.js';

const EVERY_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Removes what was sent once it is older than HEDDLE_WEBHOOK_ATTEMPT_DAYS. */
@Injectable()
export class AttemptRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: Rounds;

  constructor(@Inject(portsOf('webhooks')) ports: ServicePorts) {
    const retention = new Retention(ports.installation);
    const keptMs = ports.webhooks.attemptDays * DAY_MS;
    this.rounds = new Rounds(EVERY_MS, (over) =>
      retention.sweep(Date.now() - keptMs, over).catch((error: unknown) => {
        ports.log.warn(loggedError(error), 'what webhook endpoints were sent is kept longer than it is to be');
      }),
    );
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.end();
  }
}
