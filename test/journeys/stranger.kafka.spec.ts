import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { CATALOGUE } from '../../libs/platform/event-schemas/schema-catalogue.js';
import { KeyStore } from '../../libs/platform/keys/key-store.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { LogWriter } from '../../libs/platform/testing/log-writer.js';
import { describeWith, whatIsMissing } from '../../libs/platform/testing/needed-programs.js';
import { findPython } from '../../libs/platform/testing/python/find-python.js';
import { describeOnKafka, testBrokers, testKafka, testName } from '../../libs/platform/testing/test-kafka.js';
import { everyKindOfEvent } from '../replay/every-kind-of-event.js';
import { type CarriedRecord, carry, recordsOf } from './carried-log.js';
import { type ApiClient, created, Journey } from './journey.js';

const python = findPython();
const READ_EVENTS = join(packageRoot, 'test', 'resilience', 'stranger', 'read_events.py');
const OPEN_EVENTS = join(packageRoot, 'examples', 'kafka', 'open_events.py');
const EXAMPLE = join(packageRoot, 'examples', 'kafka', 'read-events.ts');
const NAME = 'Ada Lovelace 🧶';
const TEXT = 'Which reed for a scarf?';

/** What a program printed, and how it ended. */
interface Run {
  status: number;
  stdout: string;
  stderr: string;
}

function run(program: string, args: readonly string[], env: Record<string, string>): Promise<Run> {
  const path = 'path' in python ? python.path : '';
  const options = { env: { ...process.env, ...env }, timeout: 110_000, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    execFile(path, [program, ...args], options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describeWith('what reads Kafka from outside', whatIsMissing(python), () => {
  describeOnKafka('finds', () => {
    let journey: Journey;
    let workspace: string;
    let folder: string;
    /** May read schemas, and no more. */
    let registryKey: string;
    /** As acknowledged by the API. */
    let promised: object[];
    let erased: string;

    beforeAll(async () => {
      journey = await Journey.begin();
      folder = mkdtempSync(join(tmpdir(), 'heddle-stranger-'));
      workspace = await journey.workspace();
      const api = await journey.client(workspace);
      promised = [];
      for (let i = 0; i < 4; i++) promised.push(...(await converse(api, i)));
      erased = created(await api.post('/v1/customers', { external_id: 'gone', name: 'Who is erased' })).id;
      const store = new pg.Client({ connectionString: journey.database.url });
      await store.connect();
      await new KeyStore().destroy(store, workspace, erased);
      await store.end();
      registryKey = (await journey.client(workspace, ['events:read'])).key!;
    }, 120_000);
    afterAll(async () => {
      await journey?.end();
      rmSync(folder, { recursive: true, force: true });
    });

    async function converse(api: ApiClient, n: number): Promise<object[]> {
      const customer = created(await api.post('/v1/customers', { external_id: `ada-${n}`, name: NAME })).id;
      const begun = created(await api.post('/v1/conversations', { customer_id: customer, channel: 'chat' }));
      const lines: object[] = [
        { type: 'customer.created', stream: customer },
        { type: 'conversation.created', stream: begun.id, channel: 'chat' },
      ];
      for (let i = 0; i < 5; i++) {
        const message = { type: 'text', author: { type: 'customer', id: customer }, text: `${TEXT} ${i}` };
        const { id, seq } = created(await api.post(`/v1/conversations/${begun.id}/messages`, message));
        lines.push({ type: 'message.created', message_id: id, stream: begun.id, seq });
      }
      return lines;
    }

    /** What it says of a log that was changed on its way. */
    async function reportOf(
      change: (records: CarriedRecord[]) => CarriedRecord[],
      afterwards = async (_sent: CarriedRecord[]) => {},
      more: readonly string[] = [],
      // biome-ignore lint/suspicious/noExplicitAny: a stranger's report is looked at from outside.
    ): Promise<any> {
      const prefix = `${testName('stranger')}.`;
      const sound = await recordsOf(journey, prefix);
      await carry(change(sound));
      await afterwards(sound);
      const expected = join(folder, `${prefix}ndjson`);
      writeFileSync(expected, promised.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const registry = `${journey.url}/registry`;
      const args = ['--brokers', testBrokers().join(), '--registry', registry, '--prefix', prefix];
      const { status, stdout, stderr } = await run(READ_EVENTS, [...args, '--expected', expected, ...more], {
        REGISTRY_KEY: registryKey,
      });
      if (stdout === '') throw new Error(`It ended with ${status} and said: ${stderr}`);
      const { topics, sound: isSound, events, streams, expected: all, ...findings } = JSON.parse(stdout);
      expect([status, isSound]).toEqual([isSound ? 0 : 1, isSound]);
      const found = Object.entries(findings).filter(([, list]) => (list as unknown[]).length > 0);
      return { events, all, topics, streams, found: Object.fromEntries(found) };
    }

    const messages = (records: readonly CarriedRecord[]) =>
      records.filter(({ meta }) => meta.type === 'message.created');
    const changed = (records: CarriedRecord[], index: number, more: Partial<CarriedRecord>) =>
      records.with(index, { ...records[index]!, ...more });
    /** In the middle of a stream. */
    const middle = (records: readonly CarriedRecord[]) => records.indexOf(messages(records)[2]!);

    it('nothing wrong with a whole log, whatever the dead letters are', async () => {
      let sent = 0;
      const { events, all, topics, found } = await reportOf((records) => {
        sent = records.length;
        const [record] = records;
        return [...records, { ...record!, topic: `${record!.topic}.dlq`, value: Buffer.from('no event') }];
      });
      expect({ events, all, found }).toEqual({ events: sent, all: promised.length, found: {} });
      expect(Object.keys(topics).map((topic) => topic.split('.')[1])).toEqual(
        expect.arrayContaining(['access', 'conversation', 'customer']),
      );
    }, 120_000);

    it('a lost event, by its stream, its position and its promise', async () => {
      let lost: CarriedRecord | undefined;
      const { found } = await reportOf((records) => {
        lost = records[middle(records)];
        return records.toSpliced(middle(records), 1);
      });
      const { stream, seq } = lost!.meta;
      const position = Number(lost!.headers['heddle-position']);
      expect(found).toEqual({
        gaps: [
          { stream, from: seq, to: seq },
          { store: lost!.headers['heddle-store'], from: position, to: position },
        ],
        lost: [expect.objectContaining({ type: 'message.created', stream, seq })],
      });
    }, 120_000);

    it('nothing wrong with positions that are known to be empty, and all else', async () => {
      const [first, second] = [1, 2];
      const without = (gone: number[]) => (records: CarriedRecord[]) =>
        records.filter(({ headers }) => !gone.includes(Number(headers['heddle-position'])));
      const known = ['--missing', '1,1000-1001'];
      expect((await reportOf(without([first]), undefined, known)).found).toEqual({});
      const { found } = await reportOf(without([first, second]), undefined, known);
      expect(found).toEqual({ gaps: [expect.objectContaining({ from: second, to: second })] });
    }, 120_000);

    it('the loss of what came last of its stream and of all, which only the promise tells', async () => {
      promised.push({ type: 'message.created', message_id: 'msg_that_never_came' });
      try {
        const { found } = await reportOf((records) => records);
        expect(found).toEqual({ lost: [{ type: 'message.created', message_id: 'msg_that_never_came' }] });
      } finally {
        promised.pop();
      }
    }, 120_000);

    it('a doubled event', async () => {
      let doubled: CarriedRecord | undefined;
      const { found } = await reportOf((records) => {
        doubled = records[middle(records)]!;
        return [...records, doubled];
      });
      const { id, stream, seq } = doubled!.meta;
      expect(found).toEqual({
        duplicates: [expect.objectContaining({ id, first: expect.objectContaining({ topic: doubled!.topic }) })],
        twice: [expect.objectContaining({ stream, seq })],
      });
    }, 120_000);

    it('two events that were swapped', async () => {
      let late: CarriedRecord | undefined;
      const { found } = await reportOf((records) => {
        const [first, second] = messages(records).slice(2, 4) as [CarriedRecord, CarriedRecord];
        late = first;
        expect(first.key).toBe(second.key);
        return records.with(records.indexOf(first), second).with(records.indexOf(second), first);
      });
      const { stream, seq } = late!.meta;
      expect(found).toEqual({
        disorder: [expect.objectContaining({ stream, seq, after: seq + 1 })],
        position_disorder: [expect.objectContaining({ position: Number(late!.headers['heddle-position']) })],
      });
    }, 120_000);

    const header = (name: string, value: string) => (records: CarriedRecord[]) => {
      const index = middle(records);
      return changed(records, index, { headers: { ...records[index]!.headers, [name]: value } });
    };
    const payload = (alter: (value: Buffer) => Buffer) => (records: CarriedRecord[]) =>
      changed(records, middle(records), { value: alter(Buffer.from(records[middle(records)]!.value)) });

    it.each([
      ['another id', 'heddle-event-id', header('heddle-event-id', 'evt_0')],
      ['another type', 'heddle-type', header('heddle-type', 'message.deleted')],
      ['no position', 'heddle-position', header('heddle-position', '-7')],
      ['no store', 'heddle-store', header('heddle-store', '')],
      ['a trace that is not its own', 'traceparent', header('traceparent', 'x')],
      [
        'a time before it was recorded',
        'timestamp',
        (all: CarriedRecord[]) => changed(all, middle(all), { timestamp: '1700000000000' }),
      ],
    ])('an altered record: %s', async (_how, what, change) => {
      const { found } = await reportOf(change);
      expect(found.mismatches).toEqual([expect.objectContaining({ what })]);
    });

    it('an altered record: a key that leads elsewhere', async () => {
      const { found } = await reportOf((records) => {
        const index = middle(records);
        const { key } = records[index]!;
        // Another partition's, for some digit.
        const other = Array.from({ length: 50 }, (_, n) => `${key}${n}`);
        return [...changed(records, index, { key: other[7]! })];
      });
      expect(found.mismatches.map(({ what }: { what: string }) => what)).toContain('key');
    }, 120_000);

    it.each([
      ['cut off', payload((value) => value.subarray(0, -1))],
      ['longer than its schema', payload((value) => Buffer.concat([value, Buffer.from([0])]))],
      [
        'of a schema that nobody registered',
        payload((value) => Buffer.concat([Buffer.from([0, 9, 9, 9, 9]), value.subarray(5)])),
      ],
      ['no frame at all', payload(() => Buffer.from('{}'))],
    ])(
      'an altered record: %s',
      async (_how, change) => {
        const { found } = await reportOf(change);
        expect(found.undecodable).toEqual([expect.objectContaining({ cause: expect.any(String) })]);
        expect(found.lost).toHaveLength(1);
      },
      120_000,
    );

    it('a partition whose first records are gone', async () => {
      const { found } = await reportOf(
        (records) => records,
        async (sent) => {
          const admin = testKafka().admin();
          await admin.connect();
          const { topic } = messages(sent)[0]!;
          const ends = await admin.fetchTopicOffsets(topic);
          const { partition } = ends.find(({ high }) => Number(high) > 0)!;
          await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: '1' }] });
          await admin.disconnect();
        },
      );
      expect(found.begins_late).toEqual([expect.objectContaining({ offset: 1 })]);
      expect(found.gaps.length).toBeGreaterThan(0);
    }, 120_000);

    it('a promise that another event keeps is kept by none', async () => {
      const { found } = await reportOf((records) => {
        const index = middle(records);
        const value = Buffer.from(records[index]!.value);
        // The envelope's `seq` is one byte, a zigzag number, before the type's length and text.
        const at = value.indexOf('message.created') - 2;
        value[at] = value[at]! + 40;
        return changed(records, index, { value });
      });
      expect(found.lost).toHaveLength(1);
      expect(found.gaps.length).toBeGreaterThan(0);
    }, 120_000);

    it('no topic under another prefix, and says so rather than that all is well', async () => {
      const args = ['--brokers', testBrokers().join(), '--registry', `${journey.url}/registry`, '--prefix', 'none.'];
      const { status, stdout, stderr } = await run(READ_EVENTS, args, { REGISTRY_KEY: registryKey });
      expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining('there is no topic none.<domain>')]);
    }, 120_000);

    it('nothing where the registry takes no key, and says so', async () => {
      const prefix = `${testName('stranger')}.`;
      await carry(await recordsOf(journey, prefix));
      const args = ['--brokers', testBrokers().join(), '--registry', `${journey.url}/registry`, '--prefix', prefix];
      const { status, stdout, stderr } = await run(READ_EVENTS, args, { REGISTRY_KEY: 'wrong' });
      expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining('401')]);
    }, 120_000);

    describe('the examples', () => {
      let prefix: string;
      let sent: CarriedRecord[];
      beforeAll(async () => {
        prefix = `${testName('example')}.`;
        sent = await recordsOf(journey, prefix);
        await carry(sent);
      }, 120_000);

      it('in Python opens what is sealed, with keys from the API', async () => {
        const { key } = await journey.client(workspace, ['events:read', 'keys:read']);
        const args = ['--brokers', testBrokers().join(), '--heddle', journey.url, '--prefix', prefix];
        const { status, stdout, stderr } = await run(OPEN_EVENTS, args, { HEDDLE_API_KEY: key! });
        expect([status, stderr]).toEqual([0, '']);
        const events = stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(events).toHaveLength(sent.length);
        const named = events.filter(({ type }) => type === 'customer.created');
        expect(named.map(({ stream, data }) => [stream === erased, data.name])).toEqual(
          expect.arrayContaining([
            [false, NAME],
            [true, 'erased'],
          ]),
        );
        const texts = events.filter(({ type }) => type === 'message.created').map(({ data }) => data.text);
        expect(new Set(texts)).toEqual(new Set(Array.from({ length: 5 }, (_, i) => `${TEXT} ${i}`)));
      }, 120_000);

      it('in Python leaves sealed what is of another workspace', async () => {
        const { key } = await journey.client(await journey.workspace(), ['events:read', 'keys:read']);
        const args = ['--brokers', testBrokers().join(), '--heddle', journey.url, '--prefix', prefix];
        const { status, stdout } = await run(OPEN_EVENTS, args, { HEDDLE_API_KEY: key! });
        expect(status).toBe(0);
        expect(stdout).not.toContain(TEXT);
        expect(stdout).toContain('sealed_with');
      }, 120_000);

      it('in TypeScript reads every event', async () => {
        const env = { KAFKA_BROKERS: testBrokers().join(), HEDDLE_URL: journey.url, HEDDLE_API_KEY: registryKey };
        const reading = spawn(process.execPath, [EXAMPLE], {
          env: { ...process.env, NODE_OPTIONS: '', TOPIC_PREFIX: prefix, KAFKA_GROUP: `${prefix}example`, ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const lines = await linesOf(reading, sent.length);
        const found = lines.map(({ type, stream, seq }) => `${type} ${stream} ${seq}`).sort();
        expect(found).toEqual(sent.map(({ meta }) => `${meta.type} ${meta.stream} ${meta.seq}`).sort());
      }, 120_000);
    });

    describe('the examples, of every type of event and from every topic', () => {
      let prefix: string;
      let sent: CarriedRecord[];
      beforeAll(async () => {
        prefix = `${testName('example')}.`;
        const writer = await new LogWriter(journey.database.url).connect();
        await writer.append(everyKindOfEvent(8, writer.workspace));
        await writer.close();
        sent = await recordsOf(journey, prefix);
        await carry(sent);
      }, 120_000);

      /** By type, stream and number, the names of the fields. */
      const fieldsOf = (events: readonly Line[]) =>
        Object.fromEntries(
          events.map(({ type, stream, seq, data }) => [`${type} ${stream} ${seq}`, Object.keys(data).sort()]),
        );
      const expected = () => {
        const fields = new Map(CATALOGUE.types.map((type) => [type, fieldsOfType(type)]));
        expect(new Set(sent.map(({ meta }) => meta.type))).toEqual(new Set(CATALOGUE.types));
        return Object.fromEntries(
          sent.map(({ meta }) => [`${meta.type} ${meta.stream} ${meta.seq}`, fields.get(meta.type)]),
        );
      };

      it('decode all of them in Python', async () => {
        const { key } = await journey.client(workspace, ['events:read', 'keys:read']);
        const args = ['--brokers', testBrokers().join(), '--heddle', journey.url, '--prefix', prefix];
        const { status, stdout, stderr } = await run(OPEN_EVENTS, args, { HEDDLE_API_KEY: key! });
        expect([status, stderr]).toEqual([0, '']);
        const lines = stdout.trim().split('\n');
        expect(lines).toHaveLength(sent.length);
        const events = lines.map((line) => JSON.parse(line));
        expect(fieldsOf(events)).toEqual(expected());
        const merged = events.find(({ type }) => type === 'customer.merged');
        expect(merged.data.undo_until).toMatch(/^20\d\d-\d\d-\d\dT[\d:]+\+00:00$/);
      }, 120_000);

      it('decode all of them in TypeScript', async () => {
        const env = { KAFKA_BROKERS: testBrokers().join(), HEDDLE_URL: journey.url, HEDDLE_API_KEY: registryKey };
        const reading = spawn(process.execPath, [EXAMPLE], {
          env: { ...process.env, NODE_OPTIONS: '', TOPIC_PREFIX: prefix, KAFKA_GROUP: `${prefix}example`, ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        expect(fieldsOf(await linesOf(reading, sent.length))).toEqual(expected());
      }, 120_000);
    });
  });
});

/** An event as the examples print it. */
interface Line {
  type: string;
  stream: string;
  seq: number;
  data: object;
}

/** Of the newest version. */
function fieldsOfType(type: string): string[] {
  const [, ...fields] = CATALOGUE.of(type).at(-1)!.schema.fields;
  return fields.map(({ name }) => name).sort();
}

/** The first lines of JSON that a program prints; it is then ended. */
async function linesOf(program: ChildProcess, count: number): Promise<Line[]> {
  let said = '';
  program.stderr!.on('data', (text) => {
    said += text;
  });
  const found: Line[] = [];
  const late = setTimeout(() => program.kill('SIGKILL'), 110_000);
  for await (const line of createInterface({ input: program.stdout! })) {
    found.push(JSON.parse(line));
    if (found.length === count) program.kill('SIGKILL');
  }
  clearTimeout(late);
  if (found.length < count) throw new Error(`It printed ${found.length} of ${count} lines, and said: ${said}`);
  return found;
}
