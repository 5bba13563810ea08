import { signal } from '../../processes.js';
import { onKafka } from '../kafka-scenario.js';

/** By turns: both were ended in order, whose lease ends with them, and both were killed. */
export const relaysAtOnce = onKafka({
  name: 'kafka-relays-at-once',
  title: 'two relays ended or killed, and both started at the same moment',
  services: ['relay', 'relay', 'access', 'conversation', 'analytics'],
  async fault({ n, on, over }) {
    const relays = on.of('relay');
    for (const relay of relays) signal(relay.pid, n % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
    await Promise.all(relays.map((relay) => relay.ended()));
    over();
    await Promise.all(relays.map((relay) => relay.start()));
    return undefined;
  },
});
