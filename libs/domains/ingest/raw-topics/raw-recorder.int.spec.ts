import pg from 'pg';
import pino from 'pino';
import { newId } from '../../../platform/kernel/id.js';
import { Runtime } from '../../../platform/runtime/runtime.js';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.js';
import { ActivityRecorder } from '../activity-recorder.js';
import { EventTypes } from '../event-types/event-types.js';
import { IngestModule } from '../ingest.module.js';
import { RawRecorder } from './raw-recorder.js';

let database: TestDatabase;
let admin: pg.Client;
const runtimes: Runtime[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.close()));
  await admin.end();
  await database.drop();
});

async function openRecorder(): Promise<RawRecorder> {
  const log = pino({ level: 'silent' });
  const runtime = await Runtime.start({
    databaseUrl: database.url,
    module: IngestModule,
    log,
    kafka: null,
    traces: null,
  });
  runtimes.push(runtime);
  const ports = runtime.services.get('ingest')!;
  const recorder = new ActivityRecorder(ports, new EventTypes());
  await recorder.onModuleInit();
  return new RawRecorder(ports, recorder);
}

const records = (topic: string, ...externalIds: string[]) =>
  externalIds.map((externalId, i) => ({
    topic,
    partition: 0,
    offset: String(i),
    timestamp: 0,
    headers: {},
    value: Buffer.from(JSON.stringify({ type: 'a.b', subject: { customer: { external_id: externalId } }, data: i })),
  }));

it('refuses a record that no try can record, and takes those beside it', async () => {
  const workspace = newId('wsp');
  const [told] = await (await openRecorder()).record(workspace, records('first', 'ada'));
  const { subject } = told as { subject: string };
  const { rowCount } = await admin.query(
    "update keys.data_keys set wrapped = decode(repeat('00', 60), 'hex') where subject = $1",
    [subject],
  );
  expect(rowCount).toBe(1);
  const outcomes = await (await openRecorder()).record(workspace, records('second', 'ben', 'ada', 'ben'));
  expect(outcomes).toMatchObject([
    { status: 'recorded', seq: 1 },
    { status: 'refused', problem: { code: 'internal' } },
    { status: 'recorded', seq: 2 },
  ]);
});
