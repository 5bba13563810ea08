import { randomBytes } from 'node:crypto';

export interface Frame {
  opcode: number;
  payload: Buffer;
}

export const OPCODES = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Reads the frames of a server (RFC 6455, section 5.2) as their bytes come: whole ones only. Fragments are not taken. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): Frame[] {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.next(); frame !== null; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Frame | null {
    if (this.rest.length < 2) return null;
    const [first, second] = this.rest as unknown as [number, number];
    if ((first & 0x80) === 0) throw new Error('a frame is a fragment');
    if ((first & 0x70) !== 0) throw new Error('a frame has bits of an extension that was not agreed on');
    if ((second & 0x80) !== 0) throw new Error('a server masked a frame');
    const short = second & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.rest.length < head) return null;
    const length =
      short === 127 ? Number(this.rest.readBigUInt64BE(2)) : short === 126 ? this.rest.readUInt16BE(2) : short;
    if (this.rest.length < head + length) return null;
    const payload = this.rest.subarray(head, head + length);
    this.rest = this.rest.subarray(head + length);
    return { opcode: first & 0x0f, payload };
  }
}

/** A whole frame of a client, masked. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4]!)]);
}
