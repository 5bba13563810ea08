import { Kafka, type LogEntry, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { kafkaConfig } from './kafka-config.js';
import { kafkaLog } from './kafka-log.js';

let lines: Record<string, unknown>[];
let clock: number;
let write: (entry: LogEntry) => void;

beforeEach(() => {
  lines = [];
  clock = 0;
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  write = kafkaLog(log, () => clock);
});

function entry(level: logLevel, message: string, more: Record<string, unknown> = {}): LogEntry {
  return { namespace: 'Connection', level, label: '', log: { timestamp: '', message, ...more } as LogEntry['log'] };
}

describe("the log of Kafka's client", () => {
  test('has its errors and warnings, with their places', () => {
    write(entry(logLevel.ERROR, 'Connection error: connect ECONNREFUSED', { broker: 'k:1', stack: 'at …' }));
    write(entry(logLevel.WARN, 'Throttled', { broker: 'k:1', payload: 'a text of somebody' }));
    expect(lines).toEqual([
      expect.objectContaining({ level: 40, kafka: 'Connection', broker: 'k:1', msg: expect.stringMatching(/REFUSED/) }),
      expect.objectContaining({ level: 40, msg: 'Throttled' }),
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/somebody|at …/);
  });

  test.each([
    'The group coordinator is not available',
    "The coordinator is loading and hence can't process requests for this group",
    'This is not the correct coordinator for this group',
    'The group is rebalancing, so a rejoin is needed',
    'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing',
  ])('is silent about what passes by itself: %s', (error) => {
    write(entry(logLevel.ERROR, 'Response GroupCoordinator(key: 10, version: 2)', { error }));
    expect(lines).toEqual([]);
  });

  test('says once a minute what is said all the time', () => {
    const refused = entry(logLevel.ERROR, 'Connection error', { broker: 'k:1' });
    for (clock = 0; clock < 60_000; clock += 1000) write(refused);
    expect(lines).toHaveLength(1);
    write(entry(logLevel.ERROR, 'Connection error', { broker: 'k:2' }));
    expect(lines).toHaveLength(2);
    write(refused);
    expect(lines).toHaveLength(3);
  });

  test('is where a client made of the settings writes', async () => {
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const settings = { brokers: ['127.0.0.1:1'], tls: null, sasl: null, prefix: 'heddle', replication: null };
    const config = { ...kafkaConfig(settings, log), retry: { retries: 0 } };
    await expect(new Kafka(config).admin().connect()).rejects.toThrow('ECONNREFUSED');
    expect(lines[0]).toMatchObject({ level: 40, broker: '127.0.0.1:1', msg: expect.stringMatching(/ECONNREFUSED/) });
    const said = lines.length;
    // A client that is made anew again and again while a broker is away says nothing new.
    await expect(new Kafka(config).admin().connect()).rejects.toThrow('ECONNREFUSED');
    expect(lines).toHaveLength(said);
  });
});
