import { signal } from '../../processes.js';
import { onKafka } from '../kafka-scenario.js';

export const killConsumer = onKafka({
  name: 'kafka-kill-consumer',
  title: 'kill -9 of one of two processes of analytics, started again at once',
  services: ['relay', 'access', 'conversation', 'analytics', 'analytics'],
  async fault({ n, on, over }) {
    const victim = on.of('analytics')[n % 2]!;
    signal(victim.pid, 'SIGKILL');
    over();
    return victim.start();
  },
});
