import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProjectionStatus } from '../projections/projection-runner.js';
import type { Runtime } from './runtime.js';

/** What the write shells, and what appends beside them, counted and where the projections are, read when the metrics are asked for. */
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
        for (const [service, { shell, writing }] of runtime.services) {
          this.inc({ service }, shell.counts[count] + writing.beside[count]);
        }
      },
    });
  }
  registerLiveMetrics(registry, runtime);
  registerProjectionMetrics(registry, () => [
    ...[...runtime.services.values()].flatMap(({ follower }) => follower?.status() ?? []),
    ...(runtime.engine?.feedStatus() ?? []),
    ...runtime.figures.statuses(),
  ]);
  runtime.figures.register(registry);
}

/** Who reads on as it happens, and why others were sent away. */
function registerLiveMetrics(registry: Registry, { live }: Runtime): void {
  const registers = [registry];
  new Gauge({
    name: 'heddle_live_readers',
    help: 'Open streams of events.',
    registers,
    collect() {
      this.set(live.readers);
    },
  });
  new Gauge({
    name: 'heddle_live_waiting_bytes',
    help: 'Bytes that wait for readers of streams; what several wait for counts for each.',
    registers,
    collect() {
      this.set(live.heldBytes);
    },
  });
  new Counter({
    name: 'heddle_live_closed_total',
    help: 'Streams of events that Heddle ended, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(live.closed)) this.inc({ reason }, count);
    },
  });
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
