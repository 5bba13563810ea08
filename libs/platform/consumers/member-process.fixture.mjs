import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

// A member of a group in a process of its own, for tests that stop it: argv[2] says where and as whom, in JSON.
registerHooks({
  resolve(name, context, next) {
    const isOurs = name.startsWith('.') && context.parentURL?.includes('/libs/') && name.endsWith('.js');
    return next(isOurs ? name.replace(/\.js$/, '.ts') : name, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const file = fileURLToPath(url);
    const { code } = transformSync(readFileSync(file, 'utf8'), { filename: file, sourceMaps: false });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

const { brokers, databaseUrl, topic, group, holdMs } = JSON.parse(process.argv[2]);
const { KafkaBatchServer } = await import('./kafka-batch-server.ts');
const { SqlLane } = await import('./sql-rows.fixture.ts');
const { TYPE, IDS } = await import('./counted-type.fixture.ts');

const { testStore } = await import('../testing/test-store.ts');

const say = (fields, text) => console.error(text, JSON.stringify(fields));
const server = new KafkaBatchServer({
  kafka: { clientId: 'member', brokers },
  ids: IDS,
  store: testStore,
  log: { info: say, warn: say },
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
process.on('message', () => process.send(process.cpuUsage()));
