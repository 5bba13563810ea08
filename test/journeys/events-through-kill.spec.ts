import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { testBrokers, testName } from '../../libs/platform/testing/test-kafka.js';
import { until } from '../../libs/platform/testing/until.js';
import { freePort } from '../resilience/free-port.js';
import { dataSet, emptyWorkspace, importLines } from '../resilience/readers/data-set.js';
import type { Transport } from '../resilience/readers/event-reader.js';
import { Follower } from '../resilience/readers/follower.js';
import { differences } from '../resilience/readers/reader-judge.js';
import { workspaceLog } from '../resilience/readers/workspace-log.js';
import { ServerProcess } from '../resilience/server-process.js';
import { Front } from './apart/front.js';
import { ROOT_KEY } from './journey.js';
import { SHAPE } from './shapes.js';

const TEN: readonly Transport[] = ['ndjson', 'sse', 'ws', 'ndjson', 'sse', 'ws', 'ndjson', 'sse', 'ws', 'ndjson'];
/** So many events of the import are heard when the service is killed, and so many when it is again. */
const KILLED_AT = [400, 1500];
const CAUGHT_UP_WITHIN_MS = 120_000;

let database: TestDatabase;
let folder: string;
let processes: ServerProcess[];
/** The one that readers are connected to. */
let served: ServerProcess;
let front: Front | null = null;
let url: string;
let readers: Follower[] = [];

async function processOf(service: string | null, env: Record<string, string>): Promise<ServerProcess> {
  const dataDir = join(folder, service ?? 'all');
  const settings = { port: await freePort(), dataDir, rootKey: ROOT_KEY, databaseUrl: database.url, env };
  return new ServerProcess(service === null ? settings : { ...settings, service }, 'program');
}

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'heddle-kill-'));
  const services: (string | null)[] = SHAPE === 'whole' ? [null] : ['access', 'conversation', 'events', 'relay'];
  const kafka: Record<string, string> =
    SHAPE === 'whole' ? {} : { KAFKA_BROKERS: testBrokers().join(','), HEDDLE_KAFKA_PREFIX: testName('kill') };
  processes = await Promise.all(
    services.map((service) => processOf(service, { ...kafka, HEDDLE_RATE_LIMIT: '1000000' })),
  );
  // One brings the database to its state; the others need not wait for each other.
  await processes[0]!.start(60_000);
  await Promise.all(processes.slice(1).map((one) => one.start(120_000)));
  served = processes[Math.max(0, services.indexOf('events'))]!;
  url = `http://127.0.0.1:${served.settings.port}`;
  if (SHAPE === 'whole') return;
  const addresses = processes.map(
    ({ settings }) => [settings.service!, [`http://127.0.0.1:${settings.port}`]] as const,
  );
  front = await Front.before(Object.fromEntries(addresses));
  url = front.url;
}, 240_000);
afterAll(async () => {
  await Promise.all(readers.map((reader) => reader.stop()));
  await front?.end();
  await Promise.all((processes ?? []).map((one) => one.end()));
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

it('gives ten readers on three transports what the log has, while all of the data set comes in and the service is killed', async () => {
  const { id, key } = await emptyWorkspace(Number(new URL(url).port), ROOT_KEY);
  readers = TEN.map((transport) => new Follower({ url: () => url, key, transport: () => transport }).start());
  const imported = importLines(url, key, dataSet().lines);
  imported.catch(() => undefined);
  for (const events of KILLED_AT) {
    await until(() => readers[0]!.heard.length >= events, 60_000);
    process.kill(served.pid, 'SIGKILL');
    await served.start(60_000);
  }
  await imported;
  const log = await workspaceLog(database.url, id);
  expect(log.length).toBeGreaterThan(2500);
  await Promise.all(readers.map((reader) => reader.heardThrough(log.length, CAUGHT_UP_WITHIN_MS)));
  await Promise.all(readers.map((reader) => reader.stop()));
  for (const reader of readers) {
    expect(reader.problems).toEqual([]);
    expect(reader.connections).toBeGreaterThan(1);
    expect(differences(reader.heard, log)).toEqual([]);
  }
}, 400_000);
