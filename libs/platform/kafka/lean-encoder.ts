import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';

export interface Encoder {
  buf: Buffer;
  /** How much of `buf` is written; nothing beyond it is ever sent. */
  offset: number;
}

interface EncoderClass {
  prototype: {
    ensureAvailable(this: Encoder, length: number): void;
    writeUVarInt(this: Encoder & { ensureAvailable(length: number): void }, value: number): unknown;
  };
  /** The smallest power of two above `value`; named by the constructor with 511 unless another size is asked for. */
  nextPowerOfTwo(value: number): number;
}

const USUAL_SIZE = 511;
/** V8 keeps a buffer of up to 64 bytes on its own heap: it costs no allocation outside, and no work to sweep. */
const SMALL_SIZE = 64;
const SMALLEST_GROWN = 512;
const LONGEST_VARINT = 5;
const require = createRequire(import.meta.url);
let lean = false;

/**
 * kafkajs 2.2.4 encodes each header, record and partition of a request into a zeroed buffer of 512 bytes of its own,
 * and each varint into one more: a fifth of what a relay under load does. With this an encoder begins with 64 bytes,
 * grows into Node's pool, and writes varints in place. The bytes that it makes are the same.
 */
export function encodeLean(): void {
  if (lean) return;
  lean = true;
  const encoder = require('kafkajs/src/protocol/encoder') as EncoderClass;
  const { nextPowerOfTwo } = encoder;
  encoder.nextPowerOfTwo = (value) => (value === USUAL_SIZE ? SMALL_SIZE : nextPowerOfTwo(value));
  encoder.prototype.ensureAvailable = function (length) {
    const needed = this.offset + length;
    if (needed <= this.buf.length) return;
    const grown = Buffer.allocUnsafe(Math.max(SMALLEST_GROWN, nextPowerOfTwo(needed)));
    this.buf.copy(grown, 0, 0, this.offset);
    this.buf = grown;
  };
  encoder.prototype.writeUVarInt = function (value) {
    this.ensureAvailable(LONGEST_VARINT);
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.buf[this.offset++] = (rest & 0x7f) | 0x80;
    this.buf[this.offset++] = rest;
    return this;
  };
}
