import { createServer, type Socket } from 'node:net';
import type { Delivery, PathCounts, SinkOptions, SinkOrder } from './webhook-sink.js';

/**
 * An outside receiver of webhooks, in a process of its own: HTTP/1.1 on bare sockets, as cheap as it can be, that answers every
 * POST with 204 and counts. Forked by WebhookSink, which tells it what to look at beyond that.
 */
const TAKEN = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n');
const SPACE = 0x20;
const HEAD_ENDS = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: (\d+)/i;
const ID = /\r\nwebhook-id: (\S+)/i;
const STREAM = /"stream":"([^"]+)","sequence":(\d+)/;
/** The beginning of a body, in which its stream and sequence stand. */
const BEGINNING = 400;

let options: SinkOptions = { keep: 0, order: false };
let counts = new Map<string, PathCounts>();
let kept: Delivery[] = [];
/** By path and stream, the highest sequence that came. */
let reached = new Map<string, number>();
let wentBack = 0;

function take(atMs: number, bytes: Buffer, from: number, head: string, bodyFrom: number, to: number): void {
  const path = bytes.toString('latin1', from + 5, bytes.indexOf(SPACE, from + 5));
  const its = counts.get(path);
  if (its === undefined) {
    counts.set(path, { count: 1, firstMs: atMs, lastMs: atMs });
  } else {
    its.count++;
    its.lastMs = atMs;
  }
  if (options.order) {
    const [, stream, sequence] = STREAM.exec(bytes.toString('latin1', bodyFrom, Math.min(to, bodyFrom + BEGINNING)))!;
    const [lane, number] = [`${path} ${stream}`, Number(sequence)];
    if (number <= (reached.get(lane) ?? 0)) wentBack++;
    else reached.set(lane, number);
  }
  if (kept.length < options.keep) {
    const body = bytes.toString('utf8', bodyFrom, to);
    kept.push({ path, id: ID.exec(head)![1]!, body, atMs, wallMs: Date.now() });
  }
}

function receive(socket: Socket): void {
  let rest: Buffer | null = null;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const atMs = monotonicMs();
    const bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    let taken = 0;
    while (from < bytes.length) {
      const headTo = bytes.indexOf(HEAD_ENDS, from);
      if (headTo === -1) break;
      const head = bytes.toString('latin1', from, headTo);
      const bodyFrom = headTo + HEAD_ENDS.length;
      const to = bodyFrom + Number(LENGTH.exec(head)?.[1] ?? 0);
      if (to > bytes.length) break;
      take(atMs, bytes, from, head, bodyFrom, to);
      from = to;
      taken++;
    }
    rest = from === bytes.length ? null : bytes.subarray(from);
    for (let n = 0; n < taken; n++) socket.write(TAKEN);
  });
}

/** The same clock in all processes of a machine. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

process.on('message', (order: SinkOrder) => {
  if (order.ask === 'reset') {
    options = order.options;
    counts = new Map();
    wentBack = 0;
    kept = [];
    reached = new Map();
    process.send!({});
  } else if (order.ask === 'counts') {
    process.send!({ wentBack, paths: Object.fromEntries(counts) });
  } else {
    process.send!(kept);
  }
});
process.on('disconnect', () => process.exit());

const server = createServer(receive);
server.listen(0, '127.0.0.1', () => process.send!((server.address() as { port: number }).port));
