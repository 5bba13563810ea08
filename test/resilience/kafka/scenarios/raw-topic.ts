import { signal } from '../../processes.js';
import { onKafka } from '../kafka-scenario.js';
import { RawLoad } from '../raw-load.js';

/** By turns: a process in the midst of what it takes in, the broker that it takes it from, and both. */
export const rawTopic = onKafka({
  name: 'kafka-raw-topic',
  title: 'kill -9 of one of two processes of ingest, of the broker, or of both, while producers write to a raw topic',
  services: ['relay', 'access', 'conversation', 'analytics', 'ingest', 'ingest', 'events'],
  beside: RawLoad.start,
  async fault({ n, on, over }) {
    const victim = n % 3 === 1 ? null : on.of('ingest')[n % 2]!;
    if (victim !== null) signal(victim.pid, 'SIGKILL');
    if (n % 3 > 0) {
      await on.kafka.kill();
      await on.kafka.start();
    }
    over();
    return victim?.start();
  },
});
