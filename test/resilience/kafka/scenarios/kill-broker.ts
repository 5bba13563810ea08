import { onKafka } from '../kafka-scenario.js';

export const killBroker = onKafka({
  name: 'kafka-kill-broker',
  title: "kill -9 of Kafka's broker, started again at once; the services stay",
  services: ['relay', 'access', 'conversation', 'analytics'],
  async fault({ on, over }) {
    await on.kafka.kill();
    await on.kafka.start();
    over();
    return undefined;
  },
});
