/** Avro's binary encoding, from its beginning to its end. Each method throws where there are not as many bytes. */
export class AvroBytes {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get length(): number {
    return this.bytes.length;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.bytes.length - this.at) throw new Error('they end too soon');
    const from = this.at;
    this.at += length;
    return this.bytes.subarray(from, this.at);
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw new Error('a boolean is neither 0 nor 1');
    return byte === 1;
  }

  int(): number {
    const value = this.long();
    if ((value | 0) !== value) throw new Error('an int has more than 32 bits');
    return value;
  }

  /** Throws beyond 2^53, which a number of JSON cannot say. */
  long(): number {
    const first = this.byte();
    let magnitude = (first & 0x7f) >> 1;
    let more = first >= 0x80;
    for (let unit = 64; more; unit *= 128) {
      const byte = this.byte();
      magnitude += (byte & 0x7f) * unit;
      more = byte >= 0x80;
      if (magnitude >= Number.MAX_SAFE_INTEGER) throw new Error('a long is beyond 2^53');
      if (more && unit >= 2 ** 62) throw new Error('a long has more than ten bytes');
    }
    // Zig-zag: the lowest bit is the sign.
    return (first & 1) === 0 ? magnitude : -magnitude - 1;
  }

  float(): number {
    return this.take(4).readFloatLE();
  }

  double(): number {
    return this.take(8).readDoubleLE();
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new Error('they end too soon');
    this.at++;
    return byte;
  }
}
