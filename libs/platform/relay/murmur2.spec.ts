import { Partitioners } from 'kafkajs';
import { newId } from '../kernel/id.js';
import { murmur2, partitionOf } from './murmur2.js';

/** From Apache Kafka's own UtilsTest.testMurmur2. */
const KNOWN: readonly [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

it('is the hash of Kafka’s clients, for each length of the last word', () => {
  for (const [text, hash] of KNOWN) expect([text, murmur2(Buffer.from(text))]).toEqual([text, hash]);
});

it('puts streams where kafkajs’s default partitioner puts them', () => {
  const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({ partitionId, leader: 1 }));
  const theirs = Partitioners.DefaultPartitioner();
  for (let n = 0; n < 500; n++) {
    const key = Buffer.from(newId(n % 2 ? 'conv' : 'usr').slice(0, 37 - (n % 5)));
    const message = { key, value: null };
    const metadata = partitionMetadata as never;
    expect(partitionOf(key, 12)).toBe(theirs({ topic: 'any', partitionMetadata: metadata, message }));
  }
});
