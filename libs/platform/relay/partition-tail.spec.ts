import { TOO_LARGE } from '../kafka/fetch-answers.js';
import type { FetchedRecord } from '../kafka/kafkajs-cluster.js';
import { ForeignRecordError, PartitionTail } from './partition-tail.js';

const STORE = 'a'.repeat(32);
const record = (value: Buffer, headers: Record<string, Buffer> = {}): FetchedRecord => ({
  offset: '3',
  timestamp: '0',
  key: null,
  value,
  headers,
});
const tailOf = (...records: FetchedRecord[]) => {
  const producer = { end: () => 4, read: async () => ({ records, next: 4, end: 4 }) };
  return new PartitionTail(producer, { topic: 'heddle.conversation', partition: 0 }, 3, STORE);
};

test('a record of somebody else is passed over, and counted', async () => {
  const tail = tailOf(record(Buffer.from('theirs')));
  expect(await tail.peek()).toBeNull();
  expect(tail.strange).toEqual({ where: 'offset 3 of heddle.conversation/0', count: 1 });
});

test('a batch that was not read is not passed over: events of ours may be in it', async () => {
  await expect(tailOf(record(TOO_LARGE)).peek()).rejects.toThrow(ForeignRecordError);
});
