import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';

const ofKafkajs = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C') as (of: Buffer) => number;

it('is the checksum of RFC 3720, B.4', () => {
  const ascending = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  expect(crc32c(Buffer.alloc(32), 0, 32)).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff), 0, 32)).toBe(0x62a8ab43);
  expect(crc32c(ascending, 0, 32)).toBe(0x46dd794e);
});

it('is what kafkajs computes, of any length, from any place on', () => {
  const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * i * 31 + i * 7 + (i >> 8)) & 0xff));
  const lengths = [
    0, 1, 7, 8, 9, 15, 16, 17, 1023, 1024, 1025, 2047, 2048, 2049, 3071, 3072, 4095, 4096, 4103, 10_240, 19_990,
  ];
  for (const length of lengths) {
    for (const from of [0, 1, 3, 8, 10]) {
      const to = from + length;
      expect([from, to, crc32c(bytes, from, to)]).toEqual([from, to, ofKafkajs(bytes.subarray(from, to))]);
    }
  }
});
