import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { describeOnKafka, testBrokers, testName } from '../../libs/platform/testing/test-kafka.js';
import { until } from '../../libs/platform/testing/until.js';
import { type ApartInstallation, startApart } from './apart/installation.js';
import { heddle } from './command-line.js';
import { Journey, ROOT_KEY } from './journey.js';
import { readModelRows } from './read-model-rows.js';

const FILES = {
  'the customer care data set': join(packageRoot, '..', 'shared', 'data', 'customer-care.ndjson'),
  'the examples': join(packageRoot, 'examples', 'demo.ndjson'),
};

describeOnKafka('an import, into one process on Postgres and into services apart on Kafka', () => {
  let whole: Journey;
  let database: TestDatabase;
  let apart: ApartInstallation;

  beforeAll(async () => {
    whole = await Journey.begin();
    database = await createTestDatabase();
    const brokers = testBrokers().join(',');
    const log = { brokers, prefix: testName('rows') };
    apart = await startApart({ databaseUrl: database.url, ...log, rootKey: ROOT_KEY, quota: 1_000_000 });
  }, 120_000);
  afterAll(async () => {
    await apart?.close();
    await database?.drop();
    await whole?.end();
  });

  const both = () => [whole, apart];

  async function isBehind({ environment }: Pick<ApartInstallation, 'environment'>): Promise<boolean> {
    const { out } = await heddle(['projection', 'list', '--json'], { ...environment });
    return (JSON.parse(out) as { behind: number; dead_letters: number }[]).some(({ behind }) => behind > 0);
  }

  async function allIsOnKafka(): Promise<boolean> {
    const relay = apart.processes.find(({ service }) => service === 'relay')!;
    const figures = await (await fetch(`${relay.url}/metrics`)).text();
    return /^heddle_relay_lag_positions 0$/m.test(figures);
  }

  describe.each(Object.entries(FILES))('of %s', (name, file) => {
    const present = existsSync(file);
    (present ? it : it.skip)(
      `gives the same rows${present ? '' : ` (${name}: there is no ${file})`}`,
      async () => {
        const outs: string[] = [];
        for (const { url } of both()) {
          const args = ['import', file, '--workspace-from', 'organization'];
          const { out, err } = await heddle(args, { HEDDLE_URL: url, HEDDLE_API_KEY: ROOT_KEY });
          expect(err).toBe('');
          outs.push(out);
        }
        expect(outs[0]).toMatch(/"skipped":0,"refused":0/);
        expect(outs[1]).toBe(outs[0]);
        await until(allIsOnKafka, 60_000);
        for (const installation of both()) await until(async () => !(await isBehind(installation)), 60_000);

        const [onPostgres, onKafka] = await Promise.all(
          both().map(({ environment }) => readModelRows(environment.DATABASE_URL!)),
        );
        const { created, messages } = JSON.parse(outs[0]!) as { created: number; messages: number };
        expect(onPostgres!.get('analytics.conversation_facts')!.length).toBeGreaterThanOrEqual(created);
        expect(onPostgres!.get('conversation.messages')!.length).toBeGreaterThanOrEqual(messages);
        expect([...onKafka!.keys()]).toEqual([...onPostgres!.keys()]);
        for (const [table, rows] of onPostgres!) expect([table, onKafka!.get(table)]).toEqual([table, rows]);
      },
      180_000,
    );
  });

  it('leaves read models that are what their log gives, each', async () => {
    for (const { environment } of both()) {
      const { status, out, err } = await heddle(['projection', 'verify'], { ...environment });
      expect([status, err]).toEqual([0, '']);
      const reports = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { equal: boolean; failing: object[] });
      expect(reports.length).toBeGreaterThanOrEqual(7);
      expect(reports).toEqual(reports.map((report) => ({ ...report, equal: true, failing: [] })));
    }
  }, 180_000);
});
