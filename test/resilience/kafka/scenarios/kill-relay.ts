import { signal } from '../../processes.js';
import { onKafka } from '../kafka-scenario.js';

export const killRelay = onKafka({
  name: 'kafka-kill-relay',
  title: 'kill -9 of the only relay, started again at once',
  services: ['relay', 'access', 'conversation', 'analytics'],
  async fault({ on, over }) {
    const relay = on.of('relay')[0]!;
    signal(relay.pid, 'SIGKILL');
    over();
    return relay.start();
  },
});
