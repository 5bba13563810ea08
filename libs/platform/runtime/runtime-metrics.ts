import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProjectionStatus } from '../projections/projection-runner.js';
import type { Runtime } from './runtime.js';

/** What the write shells counted and where the projections are, read when the metrics are asked for. */
export function registerRuntimeMetrics(registry: Registry, runtime: Runtime): void {
  const registers = [registry];
  for (const [count, help] of [
    ['groups', 'Transactions that appended a group of commands.'],
    ['commands', 'Commands answered after a commit.'],
    ['events', 'Events appended.'],
    ['conflicts', 'Groups that went again because of another process, a used key or a taken name.'],
  ] as const) {
    new Counter({
      name: `heddle_append_${count}_total`,
      help,
      labelNames: ['service'],
      registers,
      collect() {
        this.reset();
        for (const [service, { shell }] of runtime.services) this.inc({ service }, shell.counts[count]);
      },
    });
  }
  registerProjectionMetrics(registry, () => [
    ...[...runtime.services.values()].flatMap(({ follower }) => follower?.status() ?? []),
    ...(runtime.engine?.feedStatus() ?? []),
  ]);
}

/** How far projections are. */
export function registerProjectionMetrics(registry: Registry, statuses: () => readonly ProjectionStatus[]): void {
  for (const [field, name, help] of [
    ['position', 'heddle_projection_position', "A projection's place in the log."],
    ['lagPositions', 'heddle_projection_lag_positions', 'Positions between a projection and the end of the log.'],
    ['lagSeconds', 'heddle_projection_lag_seconds', 'For how long a projection has not been at the end of the log.'],
    ['deadLetters', 'heddle_projection_dead_letters', 'Events that a projection set aside.'],
  ] as const) {
    new Gauge({
      name,
      help,
      labelNames: ['service', 'projection'],
      registers: [registry],
      collect() {
        for (const status of statuses()) {
          this.set({ service: status.service, projection: status.projection }, status[field]);
        }
      },
    });
  }
}
