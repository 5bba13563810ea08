import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { identifyStore } from '../event-store/epoch.js';
import { Connection } from '../postgres/connection.js';
import { describeOnKafka } from '../testing/test-kafka.js';
import { until } from '../testing/until.js';
import { DivergedError } from './diverged-error.js';
import { FencedProducer } from './fenced-producer.js';
import { makePage } from './page.js';
import { type Reconciled, type ReconcileOptions, reconcile } from './reconcile.js';
import { RecordMaker } from './record-maker.js';
import { recordedIds } from './registry-binding.js';
import { RelayBench, untilState } from './relay-bench.fixture.js';
import { TokenLostError } from './turn.js';

describeOnKafka('a store that was put back to an earlier moment', () => {
  let bench: RelayBench;
  let owner: Connection;
  beforeEach(async () => {
    bench = await RelayBench.open();
    owner = new Connection({ url: bench.database.url, applicationName: 'reconcile' });
    await owner.ready();
  });
  afterEach(async () => {
    await owner.close();
    await bench.close();
  });

  const options = async (): Promise<ReconcileOptions> => {
    const { rows } = await bench.store.query<{ id: string }>(`select replace(id::text, '-', '') as id from log.store`);
    return {
      connection: owner,
      kafka: bench.kafka(),
      names: bench.names,
      contract: EVENT_SCHEMAS,
      ids: await recordedIds(owner),
      store: rows[0]!.id,
      restoreHeads: async (query, events) => {
        for (const { envelope } of events) {
          await query({
            text: `insert into log.streams (stream, workspace, type, version, state) values ($1, $2, 'any', $3, '{}')
                   on conflict (stream) do update set version = excluded.version`,
            values: [envelope.stream.slice(-32), envelope.workspace.slice(-32), envelope.seq],
          });
        }
      },
    };
  };
  const reconciled = async (of: Partial<ReconcileOptions> = {}): Promise<Reconciled> =>
    reconcile({ ...(await options()), ...of });
  /** As a backup that was taken before the first relay would have it. */
  const putBackTo30 = async () => {
    await bench.store.query('delete from log.events where position > 30');
    await bench.store.query('update log.relay set position = 0');
    await bench.store.query('delete from log.relay_partitions');
  };
  const events = async () => (await bench.store.query('select * from log.events order by position')).rows;

  it('gets back from Kafka what it lost, byte for byte, and the relay goes on', async () => {
    const before = await bench.relay();
    await bench.relayedTo(await bench.append(20));
    await before.close();
    const { rows: relayed } = await bench.store.query('select * from log.relay_partitions');
    const again = await bench.relay();
    await bench.relayedTo(await bench.append(1230));
    await again.close();
    const all = await events();
    // As a backup that was taken at position 20 would have it.
    await bench.store.query('delete from log.events where position > 30');
    await bench.store.query('delete from log.relay_partitions');
    await bench.store.query('update log.relay set position = 20');
    for (const { topic, partition, end_offset, last_position } of relayed) {
      const mark = [topic, partition, end_offset, last_position];
      await bench.store.query('insert into log.relay_partitions values ($1, $2, $3, $4)', mark);
    }
    const relay = await bench.relay();
    await untilState(relay, 'diverged');
    expect(await reconciled()).toEqual({ events: 1220, end: 1250, missing: [] });
    const withoutTime = (rows: Record<string, unknown>[]) => rows.map(({ recorded_at: _, ...row }) => row);
    expect(withoutTime(await events())).toEqual(withoutTime(all));
    const heads = await bench.store.query(`select stream, version from log.streams order by stream`);
    const last = await bench.store.query(
      `select stream, max(seq) as version from log.events where position > 30 group by stream order by stream`,
    );
    expect(heads.rows).toEqual(last.rows);
    await bench.relayedTo(await bench.append(10));
    await bench.expectExact();
    expect(await reconciled()).toEqual({ events: 0, end: 1260, missing: [] });
  }, 120_000);

  it('is left as it is where it has taken appends since', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    await putBackTo30();
    await bench.append(2);
    const before = await events();
    await expect(reconciled()).rejects.toThrow(DivergedError);
    expect(await events()).toEqual(before);
  });

  it('gets all back, or nothing', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(700));
    await first.close();
    await putBackTo30();
    let batches = 0;
    const restoreHeads = async () => {
      if (++batches === 2) throw new Error('no head');
    };
    await expect(reconciled({ restoreHeads })).rejects.toThrow('no head');
    expect(await events()).toHaveLength(30);
    expect((await reconciled()).events).toBe(670);
  });

  it('keeps relays off for as long as it takes', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    await putBackTo30();
    const relay = await bench.relay();
    await untilState(relay, 'diverged');
    const { restoreHeads } = await options();
    const slowly: typeof restoreHeads = async (...of) => {
      await sleep(3000);
      await restoreHeads(...of);
    };
    expect((await reconciled({ restoreHeads: slowly, leaseMs: 1000 })).events).toBe(10);
    await bench.relayedTo(await bench.append(5));
    await bench.expectExact();
  });

  it('changes nothing where a relay has taken over meanwhile', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(40));
    await first.close();
    await putBackTo30();
    const restoreHeads = async () => {
      await bench.store.query('update log.relay set token = token + 1');
    };
    await expect(reconciled({ restoreHeads })).rejects.toThrow(TokenLostError);
    expect(await events()).toHaveLength(30);
  });

  it('says which positions nobody has any more', async () => {
    const first = await bench.relay();
    await bench.relayedTo(await bench.append(30));
    await first.close();
    await bench.append(20);
    const { ids, store, names } = await options();
    const producer = await FencedProducer.takeOver(bench.kafka(), store, bench.topics);
    const page = await makePage(owner, new RecordMaker(EVENT_SCHEMAS, names, store, ids, owner), 30, new Map());
    const [lost, ...sent] = page.batches;
    await producer.send(sent);
    await producer.close();
    const lostAt = lost!.records.map(({ headers }) => Number(headers['heddle-position']));
    await bench.store.query('delete from log.events where position > 30');
    const { events: count, missing, end } = await reconciled();
    expect(count).toBe(20 - lostAt.length);
    expect(missing).toEqual(lostAt.filter((position) => position < end));
  });

  describe('under a relay that goes on', () => {
    /** As the first session on another cluster finds it. */
    const failOver = async () => {
      await bench.store.query("update log.epochs set system_identifier = 'another'");
      return identifyStore({ query: (statement) => bench.store.query(statement) });
    };
    const lives = async () =>
      (
        await bench.store.query(
          'select epoch, fork_position::int as fork, confirmed_at is not null as confirmed from log.epochs order by 1',
        )
      ).rows;

    // Caught when: only a relay that starts looks at the store's life; this one sends nothing, and stays as it is.
    it('begins a life that is confirmed where nothing was lost', async () => {
      const relay = await bench.relay();
      await bench.relayedTo(await bench.append(20));
      await untilState(relay, 'idle');
      await failOver();
      await until(
        async () => (await lives()).at(-1).confirmed,
        60_000,
        () => 'confirmed',
      );
      await bench.relayedTo(await bench.append(5));
      await bench.expectExact();
    });

    it('begins a life that waits for what was lost, and then begins where that ends', async () => {
      const relay = await bench.relay();
      await bench.relayedTo(await bench.append(20));
      await untilState(relay, 'idle');
      await bench.store.query('delete from log.events where position > 15');
      await bench.store.query('delete from log.relay_partitions');
      await bench.store.query('update log.relay set position = 0');
      await failOver();
      await untilState(relay, 'diverged');
      expect((await lives()).at(-1)).toEqual({ epoch: 2, fork: 15, confirmed: false });
      await reconciled();
      expect((await lives()).at(-1)).toEqual({ epoch: 2, fork: 20, confirmed: true });
      await bench.relayedTo(await bench.append(5));
      await bench.expectExact();
    });
  });
});
