import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describeOnKafka } from '../testing/test-kafka.js';
import { until } from '../testing/until.js';
import { type ConsumerBench, openConsumerBench, records } from './consumer-bench.fixture.js';

@Module({})
class EmptyModule {}

let bench: ConsumerBench;

describeOnKafka('as a Nest microservice', () => {
  beforeEach(async () => {
    bench = await openConsumerBench();
  });
  afterEach(() => bench.close());

  it('it starts and closes with the application', async () => {
    const strategy = bench.member();
    const app = await NestFactory.createMicroservice(EmptyModule, { strategy, logger: false });
    await app.listen();
    await bench.topic.send(0, ...records(0, 3));
    await until(() => bench.rows.count === 3);
    await app.close();
    await bench.topic.send(0, ...records(3, 6));
    // Longer than a member that still read would take.
    await sleep(1000);
    expect(strategy.progress().every(({ state }) => state === 'unassigned')).toBe(true);
    expect(bench.rows.count).toBe(3);
  });

  it('it refuses a handler that is no subscription, before it starts', async () => {
    const strategy = bench.member();
    strategy.addHandler('message.created', async () => undefined, true);
    const app = await NestFactory.createMicroservice(EmptyModule, { strategy, logger: false });
    await expect(app.listen()).rejects.toThrow('message.created');
    await app.close();
  });
});
