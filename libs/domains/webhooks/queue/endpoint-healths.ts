import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { Attempt } from '../delivery/delivery-store.js';
import { afterAttempt, type Health, isGivenUp, WELL } from '../delivery/endpoint-health.js';
import type { KeptAnswer } from './attempt-rows.js';
import { type HealthRow, healthRows } from './health-rows.js';

export interface EndpointHealthsPorts {
  workspaceOf(endpoint: string): string;
  /** ms since 1970. */
  now(): number;
  /** It has failed for so long, and so spread, that it is to be disabled. Said again after each failure, until it is. */
  givenUp(endpoint: string): void;
}

/** What a writing of attempts makes of their endpoints' health. */
export interface HealthChange {
  statements: SqlStatement[];
  /** To be called once they are committed. */
  written(): void;
}

/** How the endpoints are that this process delivers to, as their rows have it. */
export class EndpointHealths {
  /** Those that are not well. */
  private readonly failing = new Map<string, Health>();

  constructor(private readonly ports: EndpointHealthsPorts) {}

  /** As it was read. */
  set(endpoint: string, health: Health): void {
    if (health.failingSince === null) this.failing.delete(endpoint);
    else this.failing.set(endpoint, health);
  }

  get failingCount(): number {
    return this.failing.size;
  }

  isFailing(endpoint: string): boolean {
    return this.failing.has(endpoint);
  }

  after(attempts: readonly Attempt<KeptAnswer>[]): HealthChange {
    const now = this.ports.now();
    const changed = new Map<string, Health>();
    const failed = new Set<string>();
    for (const { endpoint, answer } of attempts) {
      // That this process ended says nothing of the receiver.
      if (answer.error === 'closed') continue;
      if (!answer.taken) failed.add(endpoint);
      const before = changed.get(endpoint) ?? this.failing.get(endpoint) ?? WELL;
      const health = afterAttempt(before, answer.taken, now);
      if (health !== before) changed.set(endpoint, health);
    }
    const rows = [...changed].map(([endpoint, health]): HealthRow => {
      return { endpoint, workspace: this.ports.workspaceOf(endpoint), ...health };
    });
    return {
      statements: rows.length === 0 ? [] : healthRows(rows),
      written: () => {
        for (const [endpoint, health] of changed) this.set(endpoint, health);
        for (const endpoint of failed) {
          if (isGivenUp(this.failing.get(endpoint) ?? WELL, now)) this.ports.givenUp(endpoint);
        }
      },
    };
  }
}
