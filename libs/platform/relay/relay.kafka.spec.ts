import { setTimeout as sleep } from 'node:timers/promises';
import { HEADER } from '../kafka/frame.js';
import { Topics } from '../kafka/topics.js';
import { newId } from '../kernel/id.js';
import { describeOnKafka, testBrokers, testKafka, testName } from '../testing/test-kafka.js';
import { until } from '../testing/until.js';
import { FencedProducer } from './fenced-producer.js';
import { MemoryRegistry, RelayBench, untilState } from './relay-bench.fixture.js';
import { forgetCheckpoint } from './turn.js';

describeOnKafka('the relay', () => {
  let bench: RelayBench;
  beforeEach(async () => {
    bench = await RelayBench.open();
  });
  afterEach(() => bench.close());

  it('carries what is there and what comes, each event once and in order', async () => {
    await bench.append(2500);
    const relay = await bench.relay();
    await bench.relayedTo(2500);
    for (let n = 0; n < 10; n++) await bench.relayedTo(await bench.append(3));
    await bench.expectExact();
    expect(await relay.status()).toMatchObject({ position: 2530, lagPositions: 0, lagSeconds: 0, reason: null });
  });

  it('sends with the present time, by which a broker forgets producers, what was recorded long ago', async () => {
    const before = Date.now();
    const stream = newId('conv');
    const data = { assignee: { type: 'user', id: newId('usr') } };
    const recordedAt = before - 3 * 86_400_000;
    await bench.writer.append([{ type: 'conversation.assigned', stream, data, recordedAt }]);
    await bench.relay();
    await bench.relayedTo(1);
    const [seen] = await bench.consumed();
    expect(Number(seen!.message.timestamp)).toBeGreaterThanOrEqual(before);
  });

  it('is woken by an append', async () => {
    await bench.append(1);
    await bench.relay({ pollMs: 30_000 });
    await bench.relayedTo(1);
    await bench.append(1);
    await bench.relayedTo(2, 15_000);
  });

  it('says how far it is behind', async () => {
    await bench.append(10);
    const relay = await bench.relay({ kafka: bench.kafka({ brokers: ['127.0.0.1:1'] }) });
    await sleep(50);
    const status = await untilState(relay, 'waiting');
    expect(status).toMatchObject({ position: 0, lagPositions: 10 });
    expect(status.lagSeconds).toBeGreaterThan(0.04);
    expect(status.reason).toMatch(/127\.0\.0\.1:1|Connection/);
    expect(bench.lines.filter(({ msg }) => msg === 'the relay waits')).toHaveLength(1);
  });

  it('loses and doubles nothing where it is closed and started at any moment', async () => {
    let last = 0;
    const writing = (async () => {
      for (let n = 0; n < 60; n++) {
        last = await bench.append(40);
        await sleep(10);
      }
    })();
    for (let n = 0; n < 8; n++) {
      const relay = await bench.relay();
      await sleep(Math.random() * 250);
      await relay.close();
    }
    await writing;
    await bench.relay();
    await bench.relayedTo(last);
    await bench.expectExact();
  });

  it('is one of several that relays, and another one where that one ends', async () => {
    const relays = await Promise.all([bench.relay(), bench.relay(), bench.relay()]);
    await bench.append(500);
    await bench.relayedTo(500);
    const states = await Promise.all(relays.map(async (relay) => (await relay.status()).state));
    expect(states.filter((state) => state === 'standby')).toHaveLength(2);
    await relays[states.findIndex((state) => state !== 'standby')]!.close();
    await bench.relayedTo(await bench.append(500));
    await bench.expectExact();
  });

  it('takes over where another producer has shut it out, and says which error the broker gave', async () => {
    const relay = await bench.relay();
    await bench.relayedTo(await bench.append(10));
    const { rows } = await bench.store.query<{ id: string }>(`select replace(id::text, '-', '') as id from log.store`);
    const other = await FencedProducer.takeOver({ brokers: testBrokers() }, rows[0]!.id, bench.topics);
    await other.close();
    await bench.relayedTo(await bench.append(10));
    expect(bench.lines).toContainEqual(
      expect.objectContaining({ msg: 'another relay has taken over', type: 'INVALID_PRODUCER_EPOCH' }),
    );
    await untilState(relay, 'idle', 'relaying');
    await bench.expectExact();
  });

  it('sends nothing again that had arrived when the checkpoint could not be written', async () => {
    const relay = await bench.relay();
    await bench.relayedTo(await bench.append(30));
    await relay.close();
    const { rows: before } = await bench.store.query('select * from log.relay_partitions');
    const again = await bench.relay();
    await bench.relayedTo(await bench.append(700));
    await again.close();
    await bench.store.query('update log.relay set position = 30');
    await bench.store.query('delete from log.relay_partitions');
    for (const { topic, partition, end_offset, last_position } of before) {
      await bench.store.query('insert into log.relay_partitions values ($1, $2, $3, $4)', [
        topic,
        partition,
        end_offset,
        last_position,
      ]);
    }
    await bench.relay();
    await bench.relayedTo(await bench.append(1));
    await bench.expectExact();
  });

  it('starts with the recorded ids while the registry is away', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(5));
    await first.close();
    bench.registry.isAway = true;
    await bench.relay();
    await bench.relayedTo(await bench.append(5));
    await bench.expectExact();
  });

  it('waits where no registry has given ids yet, and goes on when it is there', async () => {
    bench.registry.isAway = true;
    const relay = await bench.relay();
    await bench.append(5);
    await untilState(relay, 'waiting');
    bench.registry.isAway = false;
    await bench.relayedTo(5);
    expect(bench.lines.map(({ msg }) => msg)).toContain('the relay goes on');
    await bench.expectExact();
  });

  it('refuses to start with another registry than the one that the topics are bound to', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(5));
    await first.close();
    const other = new MemoryRegistry(100);
    await expect(bench.relay({ registry: other })).rejects.toThrow(/bound to another registry/);
    expect(other.schemas.size).toBe(0);
  });

  it('refuses a topic with another number of partitions', async () => {
    const admin = testKafka().admin();
    await admin.connect();
    const { topic } = bench.topics[0]!;
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: false });
    await admin.disconnect();
    await expect(bench.relay()).rejects.toThrow(`The topic ${topic} has 3 partitions, and must have 12`);
  });

  it('carries bytes that are no event to the partition of their stream', async () => {
    await bench.append(10);
    const { rows } = await bench.store.query<{ stream: string; fingerprint: Buffer }>(
      `select replace(stream::text, '-', '') as stream, schema_fingerprint as fingerprint from log.events
        where type = 'conversation.assigned' limit 1`,
    );
    const { stream, fingerprint } = rows[0]!;
    const broken = { type: 'conversation.assigned', stream: `conv_${stream}`, seq: 99, fingerprint };
    await bench.writer.appendEncoded([{ ...broken, payload: Buffer.from([1, 2, 3]) }]);
    await bench.relay();
    await bench.relayedTo(await bench.append(5));
    const seen = await bench.consumed();
    expect(seen).toHaveLength(16);
    const theirs = seen.filter(({ message }) => message.key!.toString() === `conv_${stream}`);
    const odd = theirs.find(({ message }) => message.headers!['heddle-position']!.toString() === '11')!;
    expect(odd.message.headers!['heddle-event-id']).toBeUndefined();
    expect(new Set(theirs.map(({ partition }) => partition)).size).toBe(1);
  });

  it('stops where Kafka holds an event that the store lacks', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    await bench.store.query('delete from log.events where position > 30');
    await bench.store.query('delete from log.relay');
    await bench.store.query('delete from log.relay_partitions');
    const relay = await bench.relay();
    const { reason } = await untilState(relay, 'diverged');
    expect(reason).toMatch(/Kafka holds the event evt_[0-9a-f]{32} at position 3\d, which the store lacks.*reconcile/);
    await bench.append(5);
    await sleep(500);
    expect(await bench.consumed()).toHaveLength(40);
    const { rows } = await bench.store.query('select state, reason from log.relay');
    expect(rows).toEqual([{ state: 'diverged', reason }]);
  });

  it('stops where the store has another event at a position than Kafka', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    await bench.store.query('delete from log.events where position > 39');
    await bench.store.query('delete from log.relay');
    await bench.store.query('delete from log.relay_partitions');
    await bench.append(1);
    const relay = await bench.relay();
    await untilState(relay, 'diverged');
    expect(await bench.consumed()).toHaveLength(40);
  });

  it('stops where the store ends before what was relayed', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    await bench.store.query('delete from log.events where position > 30');
    const relay = await bench.relay();
    expect((await untilState(relay, 'diverged')).reason).toMatch(/the store ends at position 30, .* up to 40/);
  });

  describe('where Kafka has lost what it acknowledged', () => {
    /** One event a topic at the least: the markers of two take-overs make an empty partition as long as it was. */
    const lose = async (topic: string) => {
      const admin = testKafka().admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [topic] });
      await until(
        async () => !(await admin.listTopics()).includes(topic),
        60_000,
        () => 'deleted',
      );
      await admin.disconnect();
    };
    beforeEach(async () => {
      const first = await bench.relay();
      await bench.relayedTo(await bench.append(40));
      await first.close();
      await lose(`${bench.prefix}.customer`);
    });

    it('stops, at each start again, and sends nothing', async () => {
      for (let n = 0; n < 3; n++) {
        const relay = await bench.relay();
        expect((await untilState(relay, 'diverged')).reason).toMatch(/Kafka has lost records.*heddle log resend/);
        await bench.append(7);
        await relay.close();
      }
      expect(await bench.consumed()).toHaveLength(35);
    }, 120_000);

    it('sends it again once it is told to', async () => {
      const relay = await bench.relay();
      await untilState(relay, 'diverged');
      await forgetCheckpoint((statement) => bench.store.query(statement));
      await bench.relayedTo(await bench.append(20));
      await bench.expectExact();
      expect((await relay.status()).reason).toBeNull();
    });
  });

  it('refuses another cluster or prefix than the one that it has carried to, unless it is told to send all of it', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(20));
    await first.close();
    const elsewhere = testName('elsewhere');
    await expect(bench.relay({ topicPrefix: elsewhere })).rejects.toThrow(
      /carried to the topics relay-.* of the Kafka/,
    );
    const admin = testKafka().admin();
    await admin.connect();
    expect((await admin.listTopics()).filter((name) => name.startsWith(elsewhere))).toEqual([]);
    await forgetCheckpoint((statement) => bench.store.query(statement));
    await bench.relay({ topicPrefix: elsewhere });
    await bench.relayedTo(await bench.append(5));
    const names = new Topics(elsewhere);
    const offsets = await Promise.all(names.all.map((topic) => admin.fetchTopicOffsets(topic)));
    expect(offsets.flat().reduce((sum, { high }) => sum + Number(high), 0)).toBeGreaterThanOrEqual(25);
    await admin.deleteTopics({ topics: names.all.flatMap((topic) => [topic, names.deadLettersOf(topic)]) });
    await admin.disconnect();
  });

  it('renews its fence while it relays, and stays the same producer', async () => {
    const relay = await bench.relay({ fenceMs: 200 });
    const token = async () => Number((await bench.store.query('select token from log.relay')).rows[0]?.token ?? 0);
    let last = 0;
    await until(async () => {
      last = await bench.append(40);
      await sleep(50);
      return (await token()) > 3;
    });
    await bench.relayedTo(last);
    await bench.expectExact();
    expect(bench.lines).toEqual([]);
    await relay.close();
  });

  it('looks again after a while where the two differed', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    await bench.store.query('create table kept as select * from log.events where position > 30');
    await bench.store.query('delete from log.events where position > 30');
    const relay = await bench.relay({ lookAgainMs: 300 });
    await untilState(relay, 'diverged');
    await sleep(1000);
    await bench.store.query('insert into log.events select * from kept');
    await untilState(relay, 'idle', 'relaying');
    await bench.relayedTo(await bench.append(5));
    await bench.expectExact();
    expect(bench.lines.filter(({ msg }) => msg.startsWith('Kafka and the store tell'))).toHaveLength(1);
  });

  it('does not wait for a lease that a clock ahead of time has written', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(5));
    await first.close();
    await bench.store.query(`update log.relay set holder = 'gone', lease_until = now() + interval '1 day'`);
    await bench.relay();
    await bench.relayedTo(await bench.append(5));
  });

  it('passes over what somebody else has written to a topic, and says so', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    const stranger = testKafka().producer();
    await stranger.connect();
    const { topic, partitions } = bench.topics.find((one) => one.topic.endsWith('.conversation'))!;
    const messages = Array.from({ length: partitions }, (_, partition) => ({ partition, value: 'v' }));
    await stranger.send({ topic, messages });
    const relay = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    // While it relays, too: the place that was expected is taken.
    await stranger.send({ topic, messages });
    await stranger.disconnect();
    await bench.relayedTo(await bench.append(40));
    expect((await relay.status()).state).toMatch(/relaying|idle/);
    await bench.expectExact();
    expect(bench.lines.filter(({ msg }) => /no relay wrote .*: let nobody else write/.test(msg))).toHaveLength(2);
  });

  it('stops where another store has written to a topic', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    const stranger = testKafka().producer();
    await stranger.connect();
    const headers = { [HEADER.store]: '0'.repeat(32), [HEADER.position]: '41' };
    await stranger.send({ topic: bench.topics[0]!.topic, messages: [{ key: 'k', value: 'v', headers }] });
    await stranger.disconnect();
    const relay = await bench.relay();
    expect((await untilState(relay, 'diverged')).reason).toMatch(/is of the store 0{32}/);
  });
});
