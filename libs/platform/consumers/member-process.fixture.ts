import { pino } from 'pino';
import { testStore } from '../testing/test-store.js';
import { IDS, TYPE } from './counted-type.fixture.js';
import { KafkaBatchServer } from './kafka-batch-server.js';
import { SqlLane } from './sql-rows.fixture.js';
import type { MemberOfGroup } from './start-member.fixture.js';

// A member of a group in a process of its own, for tests that stop it.
const { brokers, databaseUrl, topic, group, holdMs } = JSON.parse(process.argv[3]!) as MemberOfGroup;

const server = new KafkaBatchServer({
  kafka: { clientId: 'member', brokers },
  ids: IDS,
  store: testStore,
  log: pino({ name: 'member', level: 'info' }),
  sessionTimeoutMs: 6000,
});
const connection = SqlLane.connect(databaseUrl);
server.subscribe({
  name: 'counts',
  group,
  types: [TYPE],
  topics: [topic],
  lane: (partition) => new SqlLane(partition, connection, holdMs),
});
server.start();
process.once('SIGTERM', async () => {
  await server.close();
  await connection.close();
});
process.on('message', () => process.send!(process.cpuUsage()));
