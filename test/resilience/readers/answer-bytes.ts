/** The head of an answer of HTTP/1.1. */
export interface Head {
  status: number;
  headers: ReadonlyMap<string, string>;
}

const END_OF_HEAD = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/**
 * Reads an answer of HTTP/1.1 as its bytes come, cut wherever they are: first the head, then the body, without the frames
 * of its chunks. What follows a 101 is given as it is.
 */
export class AnswerBytes {
  head: Head | null = null;
  /** Whether the body is whole. */
  isWhole = false;
  private rest: Buffer = NOTHING;
  /** Bytes of the present chunk that are still to come; null between two chunks. */
  private chunk: number | null = null;
  private left = Number.POSITIVE_INFINITY;

  /** What of the body is in these bytes, and in those that were kept before. */
  push(bytes: Buffer): Buffer {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    if (this.head === null && !this.readHead()) return NOTHING;
    if (this.head!.headers.get('transfer-encoding') === 'chunked') return this.readChunks();
    const body = this.rest;
    this.rest = NOTHING;
    this.left -= body.length;
    this.isWhole = this.left <= 0;
    return body;
  }

  private readHead(): boolean {
    const end = this.rest.indexOf(END_OF_HEAD);
    if (end === -1) return false;
    const [first, ...lines] = this.rest.toString('latin1', 0, end).split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    this.head = { status: Number(first!.split(' ')[1]), headers };
    this.left = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY);
    this.isWhole = this.left === 0;
    this.rest = this.rest.subarray(end + END_OF_HEAD.length);
    return true;
  }

  private readChunks(): Buffer {
    const parts: Buffer[] = [];
    while (!this.isWhole) {
      if (this.chunk === null) {
        const end = this.rest.indexOf('\r\n');
        if (end === -1) break;
        this.chunk = Number.parseInt(this.rest.toString('latin1', 0, end), 16);
        this.rest = this.rest.subarray(end + 2);
        this.isWhole = this.chunk === 0;
        continue;
      }
      if (this.chunk > 0) {
        const part = this.rest.subarray(0, this.chunk);
        parts.push(part);
        this.chunk -= part.length;
        this.rest = this.rest.subarray(part.length);
      }
      if (this.chunk > 0 || this.rest.length < 2) break;
      this.rest = this.rest.subarray(2);
      this.chunk = null;
    }
    return Buffer.concat(parts);
  }
}
