import type { Buffer } from 'node:buffer';

/** Castagnoli's polynomial, its bits in reverse. */
const POLYNOMIAL = 0x82f63b78;
/** How far apart the two places stand that are worked on at once, a multiple of eight. */
const LANE = 1024;

/** Of each byte, and of each byte with one to seven zero bytes behind it. */
const TABLE = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  TABLE[byte] = crc;
}
for (let at = 256; at < TABLE.length; at++) TABLE[at] = TABLE[TABLE[at - 256]! & 0xff]! ^ (TABLE[at - 256]! >>> 8);

/** What each of the four bytes of a checksum becomes behind a lane of zero bytes. */
const BEHIND_A_LANE = new Int32Array(4 * 256);
for (let at = 0; at < BEHIND_A_LANE.length; at++) {
  let crc = (at & 0xff) << ((at >>> 8) * 8);
  for (let zero = 0; zero < LANE; zero++) crc = TABLE[crc & 0xff]! ^ (crc >>> 8);
  BEHIND_A_LANE[at] = crc;
}

/**
 * CRC-32C, as a record batch has it. kafkajs takes a step for each byte, which is slower than all else about a record; here a step
 * is eight bytes, and two are under way at once, for each waits for the one before it.
 */
export function crc32c(bytes: Buffer, from: number, to: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let crc = -1;
  let at = from;
  while (at + 2 * LANE <= to) {
    let second = 0;
    for (const end = at + LANE; at < end; at += 8) {
      crc = eight(crc ^ view.getInt32(at, true), view.getInt32(at + 4, true));
      second = eight(second ^ view.getInt32(at + LANE, true), view.getInt32(at + LANE + 4, true));
    }
    crc = behindALane(crc) ^ second;
    at += LANE;
  }
  for (; at + 8 <= to; at += 8) crc = eight(crc ^ view.getInt32(at, true), view.getInt32(at + 4, true));
  for (; at < to; at++) crc = TABLE[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function eight(low: number, high: number): number {
  return (
    TABLE[0x700 | (low & 0xff)]! ^
    TABLE[0x600 | ((low >>> 8) & 0xff)]! ^
    TABLE[0x500 | ((low >>> 16) & 0xff)]! ^
    TABLE[0x400 | (low >>> 24)]! ^
    TABLE[0x300 | (high & 0xff)]! ^
    TABLE[0x200 | ((high >>> 8) & 0xff)]! ^
    TABLE[0x100 | ((high >>> 16) & 0xff)]! ^
    TABLE[high >>> 24]!
  );
}

function behindALane(crc: number): number {
  return (
    BEHIND_A_LANE[crc & 0xff]! ^
    BEHIND_A_LANE[0x100 | ((crc >>> 8) & 0xff)]! ^
    BEHIND_A_LANE[0x200 | ((crc >>> 16) & 0xff)]! ^
    BEHIND_A_LANE[0x300 | (crc >>> 24)]!
  );
}
