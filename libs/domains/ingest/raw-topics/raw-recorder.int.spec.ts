import pg from 'pg';
import { newId } from '../../../platform/kernel/id.js';
import type { Runtime } from '../../../platform/runtime/runtime.js';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.js';
import { recorderOf, startIngest } from '../recorder.fixture.js';
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
  const runtime = await startIngest(database.url);
  runtimes.push(runtime);
  return new RawRecorder(runtime.services.get('ingest')!, await recorderOf(runtime));
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
