import { setTimeout as sleep } from 'node:timers/promises';
import { describeOnKafka, testBrokers } from '../testing/test-kafka.js';
import { makeCluster } from './kafkajs-cluster.js';

describeOnKafka('a connection of kafkajs', () => {
  it('runs no timer of a millisecond while it has nothing to send, nor once it is closed', async () => {
    const cluster = makeCluster({ brokers: testBrokers() });
    await cluster.connect();
    await cluster.addMultipleTargetTopics([]);
    const timersIn = async (ms: number) => {
      const { setTimeout: real } = globalThis;
      let made = 0;
      globalThis.setTimeout = ((...args: Parameters<typeof real>) => {
        made++;
        return real(...args);
      }) as typeof real;
      await sleep(ms);
      globalThis.setTimeout = real;
      return made;
    };
    expect(await timersIn(300)).toBeLessThan(10);
    await cluster.disconnect();
    expect(await timersIn(300)).toBeLessThan(10);
  });
});
