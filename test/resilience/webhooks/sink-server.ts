import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Arrival, type IllWay, isTaken, type SinkOrder, type SinkPath } from './arrival.js';

/** An outside receiver, in a process of its own: keeps every arrival, and answers each path as it was told to. Forked by Sink. */
const TURNS: readonly IllWay[] = ['fails', 'resets', 'hangs'];
const METADATA = 'http://169.254.169.254/latest/meta-data/';
const ZEROS = Buffer.alloc(256 * 1024);
const TEN_GB = 10_000_000_000;

interface Place extends SinkPath {
  firstAt: number;
  arrivals: number;
  messages: Map<string, { number: number; arrivals: number }>;
  taken: Set<string>;
}

const places = new Map<string, Place>();
const arrivals: Arrival[] = [];
const bodies = new Map<string, string>();
/** What is to be answered later; null where nothing is held. */
let held: (() => void)[] | null = null;

function receive(asked: IncomingMessage, answer: ServerResponse): void {
  const chunks: Buffer[] = [];
  asked.on('data', (chunk: Buffer) => chunks.push(chunk));
  asked.on('end', () => take(asked, answer, Buffer.concat(chunks)));
}

function take(asked: IncomingMessage, answer: ServerResponse, body: Buffer): void {
  const at = Date.now();
  const place = placeOf(asked.url!, at);
  const header = (name: string) => String(asked.headers[name] ?? '');
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (!bodies.has(sha256)) bodies.set(sha256, body.toString());
  const { stream, sequence } = headOf(body);
  const arrival: Arrival = {
    n: arrivals.length,
    path: asked.url!,
    address: asked.socket.localAddress ?? '',
    at,
    endedAt: null,
    id: header('webhook-id'),
    attempt: Number(header('heddle-attempt')),
    endpoint: header('heddle-endpoint'),
    aheadS: Number(header('webhook-timestamp')) - at / 1000,
    isSigned: isSigned(place.secret, header, body),
    stream,
    sequence,
    sha256,
    status: null,
    isWritten: false,
    answerBytes: 0,
  };
  arrivals.push(arrival);
  place.arrivals++;
  const message = place.messages.get(arrival.id) ?? { number: place.messages.size, arrivals: 0 };
  place.messages.set(arrival.id, message);
  message.arrivals++;
  answer.on('close', () => {
    arrival.endedAt ??= Date.now();
  });
  const answerNow = () => answerTo(place, message, arrival, answer);
  if (held === null) answerNow();
  else held.push(answerNow);
}

function placeOf(path: string, at: number): Place {
  let place = places.get(path);
  if (place === undefined) {
    // Nobody was told of it: it is among the arrivals all the same.
    place = { secret: '', behaviour: { kind: 'takes' }, ...emptyPlace() };
    places.set(path, place);
  }
  if (place.arrivals === 0) place.firstAt = at;
  return place;
}

function emptyPlace(): Omit<Place, keyof SinkPath> {
  return { firstAt: 0, arrivals: 0, messages: new Map(), taken: new Set() };
}

function answerTo(
  place: Place,
  message: { number: number; arrivals: number },
  arrival: Arrival,
  answer: ServerResponse,
): void {
  const { behaviour } = place;
  const end = (status: number, headers: Record<string, string> = {}) => say(place, arrival, answer, status, headers);
  if (behaviour.kind === 'ill' && arrival.at - place.firstAt < behaviour.forMs) {
    const { how } = behaviour;
    const way = how === 'by_turns' ? TURNS[place.arrivals % TURNS.length]! : how;
    if (way === 'fails') end(500);
    else if (way === 'redirects') end(302, { location: METADATA });
    else if (way === 'resets') answer.socket?.resetAndDestroy();
  } else if (behaviour.kind === 'refuses') {
    const isRefused = message.number % behaviour.oneIn === 0 && message.arrivals <= behaviour.times;
    end(isRefused ? 500 : 204);
  } else if (behaviour.kind === 'loses_answers' && place.arrivals % behaviour.oneIn === 0) {
    answer.socket?.destroy();
  } else if (behaviour.kind === 'closes') {
    end(200, { connection: 'close' });
  } else if (behaviour.kind === 'floods') {
    flood(place, arrival, answer);
  } else {
    end(204);
  }
}

function say(
  place: Place,
  arrival: Arrival,
  answer: ServerResponse,
  status: number,
  headers: Record<string, string>,
): void {
  const { socket } = answer;
  arrival.status = status;
  answer.writeHead(status, headers);
  // It ends, too, where nobody is there any more to write to.
  answer.end(() => written(place, arrival, socket));
}

function flood(place: Place, arrival: Arrival, answer: ServerResponse): void {
  const { socket } = answer;
  arrival.status = 200;
  answer.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(TEN_GB) });
  answer.on('error', () => undefined);
  const more = (): void => {
    while (!answer.destroyed && arrival.answerBytes < TEN_GB) {
      arrival.answerBytes += ZEROS.length;
      if (!answer.write(ZEROS, () => written(place, arrival, socket))) {
        answer.once('drain', more);
        return;
      }
    }
  };
  more();
}

function written(place: Place, arrival: Arrival, socket: Socket | null): void {
  if (arrival.isWritten || socket === null || socket.destroyed) return;
  arrival.isWritten = true;
  arrival.endedAt = Date.now();
  if (isTaken(arrival)) place.taken.add(arrival.id);
}

function headOf(body: Buffer): { stream: string; sequence: number } {
  try {
    const { stream, sequence } = JSON.parse(body.toString()) as { stream: string; sequence: number };
    return { stream, sequence };
  } catch {
    return { stream: '', sequence: -1 };
  }
}

/** As Standard Webhooks 1.0 has it: one signature of several is enough. */
function isSigned(secret: string, header: (name: string) => string, body: Buffer): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = createHmac('sha256', key).update(`${header('webhook-id')}.${header('webhook-timestamp')}.`);
  const wanted = Buffer.from(`v1,${signed.update(body).digest('base64')}`);
  return header('webhook-signature')
    .split(' ')
    .map((one) => Buffer.from(one))
    .some((one) => one.length === wanted.length && timingSafeEqual(one, wanted));
}

process.on('message', (order: SinkOrder) => {
  if (order.ask === 'expect') {
    for (const [path, place] of Object.entries(order.paths)) places.set(path, { ...place, ...emptyPlace() });
    process.send!({});
  } else if (order.ask === 'hold') {
    held ??= [];
    process.send!({});
  } else if (order.ask === 'release') {
    const these = held ?? [];
    held = null;
    for (const answerNow of these) answerNow();
    process.send!({});
  } else if (order.ask === 'progress') {
    const progress = [...places].map(([path, place]) => {
      return [path, { arrivals: place.arrivals, taken: place.taken.size }] as const;
    });
    process.send!(Object.fromEntries(progress));
  } else {
    const lines = [...arrivals, ...[...bodies].map((body) => ({ body }))].map((line) => JSON.stringify(line));
    writeFileSync(order.file, lines.join('\n'));
    process.send!({});
  }
});
process.on('disconnect', () => process.exit());

/** The same port of both: the second is an address that nobody is to be sent to where only the first is allowed. */
const [first, second] = [createServer(receive), createServer(receive)];
// Longer than the product keeps a quiet connection: what is cut, is cut on purpose.
for (const server of [first, second]) server.keepAliveTimeout = 20_000;
first.listen(0, '127.0.0.2', () => {
  const { port } = first.address() as AddressInfo;
  second.listen(port, '127.0.0.1', () => process.send!(port));
});
