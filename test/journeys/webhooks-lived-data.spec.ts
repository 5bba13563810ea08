import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ShownEvent } from '../../libs/platform/event-schemas/shown-event.js';
import { until } from '../../libs/platform/testing/until.js';
import { dataSet, importLines } from '../resilience/readers/data-set.js';
import { type Cast, created, Journey } from './journey.js';

/** What the sink was sent, and what it answered. */
interface Arrival {
  text: string;
  id: string;
  signature: string;
  timestamp: string;
  replay: string | undefined;
  taken: boolean;
}

interface Endpoint {
  id: string;
  path: string;
  secret: string;
}

const FAILS_AT_FIRST = 20;
const DELIVERED_WITHIN_MS = 240_000;

let journey: Journey;
let sink: Server;
let url: string;
let cast: Cast;
/** By the endpoint's path, in the order in which they came. */
const arrivals = new Map<string, Arrival[]>();

beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  sink = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url!;
      const own = arrivals.get(path) ?? [];
      arrivals.set(path, own);
      const taken = path !== '/sick' || own.length >= FAILS_AT_FIRST;
      const { headers } = request;
      own.push({
        text: Buffer.concat(chunks).toString(),
        id: String(headers['webhook-id']),
        signature: String(headers['webhook-signature']),
        timestamp: String(headers['webhook-timestamp']),
        replay: headers['heddle-replay'] as string | undefined,
        taken,
      });
      response.writeHead(taken ? 204 : 500).end();
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
}, 240_000);
afterAll(async () => {
  await journey.end();
  sink.closeAllConnections();
  await new Promise((resolve) => sink.close(resolve));
});

async function endpoint(path: string, settings: object): Promise<Endpoint> {
  const { id, secret } = created(await cast.api.post('/v1/webhook_endpoints', { url: url + path, ...settings }));
  return { id, path, secret };
}

/** All events of the workspace, in the order of the log. */
async function log(pin = ''): Promise<ShownEvent[]> {
  const events: ShownEvent[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at = cursor === '' ? '' : `&cursor=${cursor}`;
    const { status, body } = await cast.api.get(`/v1/events?limit=1000${pin}${at}`);
    expect(status).toBe(200);
    events.push(...body.data);
    cursor = body.next_cursor;
  }
  return events;
}

const sinkOf = ({ path }: Endpoint) => arrivals.get(path) ?? [];
const takenBy = (endpoint: Endpoint) => sinkOf(endpoint).filter(({ taken }) => taken);
const idsOf = (some: readonly { id: string }[]) => some.map(({ id }) => id);

/** Each of these events was taken once, and nothing else; as the log has it, and signed. */
async function agrees(endpoint: Endpoint, expected: readonly ShownEvent[]): Promise<void> {
  await until(
    () => takenBy(endpoint).length >= expected.length,
    DELIVERED_WITHIN_MS,
    () => endpoint.path,
  );
  const taken = takenBy(endpoint);
  expect([...idsOf(taken)].sort()).toEqual([...idsOf(expected)].sort());
  const byId = new Map(expected.map((event) => [event.id, event]));
  const key = Buffer.from(endpoint.secret.slice('whsec_'.length), 'base64');
  for (const { id, text, timestamp, signature } of taken) {
    const { type, stream, seq, position, occurred_at, data } = byId.get(id)!;
    const body = JSON.parse(text);
    expect(body).toMatchObject({ id, type, stream, sequence: seq, position, occurred_at, data });
    expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')}`);
  }
}

it('brings an import to endpoints that want different things, and the same again when it is replayed', async () => {
  const { name, lines } = dataSet();
  const channel = (JSON.parse(lines[0]!) as { channel: string }).channel;
  const all = await endpoint('/all', { types: ['conversation.*', 'message.*', 'customer.*'], concurrency: 50 });
  const filtered = await endpoint('/filtered', {
    types: ['message.created'],
    filter: {
      and: [
        { field: 'channel', op: 'is', value: channel },
        { field: 'status', op: 'is_not', value: 'closed' },
      ],
    },
  });
  const ordered = await endpoint('/ordered', {
    types: ['conversation.*', 'message.*'],
    ordered: true,
    concurrency: 50,
  });
  const sick = await endpoint('/sick', { types: ['conversation.created'], retry_schedule: Array(30).fill(1) });
  await importLines(journey.url, cast.api.key!, lines);
  const events = (await log()).filter(({ type }) => /^(conversation|message|customer)\./.test(type));
  // What was before the endpoints is not for them.
  const ofImport = events.filter(({ stream }) => stream !== cast.customer);
  expect([name, ofImport.length > 1000]).toEqual([name, true]);

  await agrees(all, ofImport);
  await agrees(
    ordered,
    ofImport.filter(({ type }) => !type.startsWith('customer.')),
  );
  await agrees(
    sick,
    ofImport.filter(({ type }) => type === 'conversation.created'),
  );
  await agrees(filtered, openMessages(ofImport, channel));
  // One at a time on each stream, in their order.
  const last = new Map<string, number>();
  for (const { text } of sinkOf(ordered)) {
    const { stream, sequence } = JSON.parse(text) as { stream: string; sequence: number };
    expect(sequence).toBeGreaterThan(last.get(stream) ?? 0);
    last.set(stream, sequence);
  }
  // What failed came again under its id, with the same bytes.
  expect(sinkOf(sick).filter(({ taken }) => !taken)).toHaveLength(FAILS_AT_FIRST);
  for (const { id, text } of sinkOf(sick)) expect(sinkOf(sick).find((one) => one.id === id)!.text).toBe(text);

  const types = ['conversation.*', 'message.*', 'customer.*'];
  const again = await endpoint('/again', { types: ['label.created'], concurrency: 50 });
  const older = await endpoint('/older', { types: ['label.created'], pin: 'message.created@1.0', concurrency: 50 });
  const replays: string[] = [];
  for (const { id } of [again, older]) {
    const { status, body } = await cast.api.post('/v1/webhook_replays', { endpoint_id: id, types });
    expect(status).toBe(202);
    replays.push(body.id as string);
  }
  await agrees(again, events);
  const pinned = (await log('&pin=message.created@1.0')).filter(({ id }) => events.some((event) => event.id === id));
  await agrees(older, pinned);
  const first = new Map(sinkOf(all).map(({ id, text }) => [id, text]));
  for (const { id, text, replay } of sinkOf(again)) {
    if (first.has(id)) expect(text).toBe(first.get(id));
    expect(replay).toBe(replays[0]);
  }
  const changed = sinkOf(older).filter(({ id, text }) => first.has(id) && first.get(id) !== text);
  expect(changed.length).toBe(ofImport.filter(({ type }) => type === 'message.created').length);
  await until(async () => {
    const states = await Promise.all(replays.map((id) => cast.api.get(`/v1/webhook_replays/${id}`)));
    return states.every(({ body }) => body.status === 'finished' && body.delivered === body.due);
  }, DELIVERED_WITHIN_MS);
}, 900_000);

/** Messages on a channel while their conversation was open, as it was right after each of them: by the log alone. */
function openMessages(events: readonly ShownEvent[], channel: string): ShownEvent[] {
  const on = new Map<string, string>();
  const closed = new Set<string>();
  const meant: ShownEvent[] = [];
  for (const event of events) {
    const { type, stream, data } = event;
    if (type === 'conversation.created') on.set(stream, String(data.channel));
    if (type === 'conversation.closed') closed.add(stream);
    if (type === 'conversation.reopened') closed.delete(stream);
    if (type === 'message.created' && on.get(stream) === channel && !closed.has(stream)) meant.push(event);
  }
  return meant;
}
