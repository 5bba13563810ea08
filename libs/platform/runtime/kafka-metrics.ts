import { Gauge, type Registry } from 'prom-client';
import type { PartitionStatus } from '../consumers/partition-status.js';
import type { RelayStatus } from '../relay/relay.js';

/** What of an engine on Kafka is measured. */
export interface MeasuredKafka {
  /** Null where this process carries nothing to Kafka. */
  relay: { status(): Promise<RelayStatus> } | null;
  /** Of each subscription on each partition. */
  progress(): PartitionStatus[];
}

/** How far the relay and the consumers are, read when the metrics are asked for. */
export function registerKafkaMetrics(registry: Registry, engine: MeasuredKafka): void {
  const { relay } = engine;
  const registers = [registry];
  if (relay !== null) {
    for (const [field, name, help] of [
      ['position', 'heddle_relay_position', 'The last position of the store that is on Kafka.'],
      ['lagPositions', 'heddle_relay_lag_positions', 'Events of the store that are not on Kafka yet.'],
      ['lagSeconds', 'heddle_relay_lag_seconds', 'How long the oldest event that is not on Kafka has waited.'],
    ] as const) {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set((await relay.status())[field]);
        },
      });
    }
  }
  new Gauge({
    name: 'heddle_consumer_lag',
    help: 'Records between what a subscription has dealt with and the end of a partition, whichever process has it.',
    labelNames: ['subscription', 'partition'],
    registers,
    collect() {
      this.reset();
      for (const { subscription, partition, position, lag } of engine.progress()) {
        if (position !== null) this.set({ subscription, partition }, lag);
      }
    },
  });
}
