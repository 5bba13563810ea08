import type { Arrival } from './arrival.js';
import { type Deafness, dueOf, type JudgedEndpoint, judgeDeliveries } from './delivery-judge.js';
import type { LoggedEvent } from './webhook-log.js';

const ENDPOINT: JudgedEndpoint = {
  id: 'whe_1',
  path: '/one',
  types: ['*'],
  assignedOnly: false,
  ordered: true,
  waitsS: null,
};

function event(position: number, type: string, stream: string, seq: number, data = {}): LoggedEvent {
  return { type, id: `evt_${position}`, stream, seq, position, occurred_at: 'then', actor: { type: 'user' }, data };
}

const LOG = [
  event(1, 'message.created', 'conv_1', 1),
  event(2, 'webhook_endpoint.created', 'whe_1', 1),
  event(3, 'message.created', 'conv_1', 2),
  event(4, 'conversation.assigned', 'conv_1', 3),
  event(5, 'message.created', 'conv_2', 1),
  event(6, 'message.created', 'conv_1', 4),
];

const bodyOf = ({ type, id, stream, seq, position, occurred_at, actor, data }: LoggedEvent) =>
  JSON.stringify({ type, id, stream, sequence: seq, position, occurred_at, actor, idempotency_key: id, data });
const BODIES = new Map(LOG.map((one) => [`sha of ${one.id}`, bodyOf(one)]));

function arrival(at: number, of: LoggedEvent, more: Partial<Arrival> = {}): Arrival {
  return {
    ...{ n: at, path: '/one', address: '127.0.0.2', at, endedAt: at + 5, id: of.id, attempt: 1, endpoint: 'whe_1' },
    ...{ aheadS: -0.5, isSigned: true, stream: of.stream, sequence: of.seq, sha256: `sha of ${of.id}` },
    ...{ status: 204, isWritten: true, answerBytes: 0 },
    ...more,
  };
}

const [, , THIRD, FOURTH, FIFTH, SIXTH] = LOG as [
  LoggedEvent,
  LoggedEvent,
  LoggedEvent,
  LoggedEvent,
  LoggedEvent,
  LoggedEvent,
];
const ALL = [arrival(1000, THIRD), arrival(2000, FOURTH), arrival(3000, FIFTH), arrival(4000, SIXTH)];

function found(
  arrivals: Arrival[],
  { deafness = [], endpoint = {} }: { deafness?: Deafness[]; endpoint?: Partial<JudgedEndpoint> } = {},
): string[] {
  const endpoints = [{ ...ENDPOINT, ...endpoint }];
  const report = { arrivals, bodies: BODIES };
  return judgeDeliveries({ endpoints, log: LOG, report, deafness, clockS: 1 }).findings.map(({ kind }) => kind);
}

it('finds nothing where all came once, and in order', () => {
  expect(found(ALL)).toEqual([]);
});

it('says what an endpoint is to have: what came after it was made, and was meant', () => {
  expect([...dueOf(ENDPOINT, LOG)]).toEqual(['evt_3', 'evt_4', 'evt_5', 'evt_6']);
  expect([...dueOf({ ...ENDPOINT, types: ['message.*'], assignedOnly: true }, LOG)]).toEqual(['evt_6']);
  const about = event(7, 'webhook_message.dead_lettered', 'wdl_1', 1, { endpoint_id: 'whe_1' });
  const ofWebhooks = event(8, 'webhook_message.dead_lettered', 'wdl_2', 1, {
    endpoint_id: 'whe_2',
    event_type: 'webhook_endpoint.created',
  });
  expect(dueOf(ENDPOINT, [...LOG, about, ofWebhooks]).size).toBe(4);
});

it('finds what was lost, and what was attempted and never taken', () => {
  expect(found(ALL.slice(0, 3))).toEqual(['lost']);
  expect(found([...ALL.slice(0, 3), arrival(4000, SIXTH, { status: 500 })])).toEqual(['lost']);
  expect(found([...ALL.slice(0, 3), arrival(4000, SIXTH, { isWritten: false })])).toEqual(['lost']);
});

it('finds what came twice, and excuses it where the answer cannot have been heard', () => {
  const again = arrival(5000, SIXTH);
  expect(found([...ALL, again])).toEqual(['twice']);
  expect(found([...ALL.slice(0, 3), arrival(4000, SIXTH, { status: 500 }), again])).toEqual([]);
  expect(found([...ALL.slice(0, 3), arrival(4000, SIXTH, { isWritten: false }), again])).toEqual([]);
  expect(found([...ALL, again], { deafness: [{ from: 4100, to: 4200 }] })).toEqual([]);
  // Long heard by then; or sent again before.
  expect(found([...ALL, again], { deafness: [{ from: 5100, to: 5200 }] })).toEqual(['twice']);
  expect(found([...ALL, arrival(9000, SIXTH)], { deafness: [{ from: 7000, to: 7200 }] })).toEqual(['twice']);
});

it('finds a stream that goes back where order was asked for, and nowhere else', () => {
  const swapped = [ALL[0]!, arrival(1500, SIXTH), ALL[1]!, ALL[2]!];
  expect(found(swapped)).toEqual(['swapped']);
  expect(found(swapped, { endpoint: { ordered: false } })).toEqual([]);
});

it('finds what came while the one before it was under way where order was asked for, and nowhere else', () => {
  const [third, fourth, fifth, sixth] = ALL as [Arrival, Arrival, Arrival, Arrival];
  const overlapping = [{ ...third, endedAt: 2001 }, fourth, fifth, sixth];
  expect(found(overlapping)).toEqual(['swapped']);
  expect(found(overlapping, { endpoint: { ordered: false } })).toEqual([]);
  // Its answer is written in the moment in which the next one comes.
  expect(found([{ ...third, endedAt: 2000 }, fourth, fifth, sixth])).toEqual([]);
  // Of another stream.
  expect(found([third, fourth, { ...fifth, endedAt: 9000 }, sixth])).toEqual([]);
  const hanging = { ...third, endedAt: null, status: null, isWritten: false };
  expect(found([hanging, fourth, fifth, sixth]).sort()).toEqual(['lost', 'swapped']);
  // Its connection was cut, or its process deaf: it came again before the next one did.
  const again = arrival(1500, THIRD);
  expect(found([hanging, again, fourth, fifth, sixth])).toEqual([]);
  expect(found([{ ...hanging, endedAt: 8000 }, again, fourth, fifth, sixth])).toEqual([]);
  expect(found([hanging, { ...again, endedAt: 2100 }, fourth, fifth, sixth])).toEqual(['swapped']);
});

it('finds what was altered', () => {
  const [first, ...rest] = ALL as [Arrival, ...Arrival[]];
  expect(found([{ ...first, isSigned: false }, ...rest])).toEqual(['altered']);
  expect(found([{ ...first, endpoint: 'whe_2' }, ...rest])).toEqual(['altered']);
  expect(found([{ ...first, aheadS: -3 }, ...rest])).toEqual(['altered']);
  expect(found([{ ...first, sha256: 'sha of evt_4' }, ...rest])).toEqual(['altered']);
  const asAnother = { ...first, status: 500, n: 0, at: 900, sha256: 'sha of evt_4' };
  expect(found([asAnother, ...ALL]).sort()).toEqual(['altered', 'altered']);
});

it('finds what was sent and not asked for', () => {
  expect(found([arrival(500, LOG[0]!), ...ALL])).toEqual(['impossible']);
  expect(found([...ALL, arrival(5000, SIXTH, { path: '/another' })])).toEqual(['impossible']);
});

it('finds waits that were skipped, and ones that did not end', () => {
  const refused = arrival(4000, SIXTH, { status: 500 });
  const endpoint = { waitsS: [2] };
  expect(found([...ALL.slice(0, 3), refused, arrival(6100, SIXTH)], { endpoint })).toEqual([]);
  expect(found([...ALL.slice(0, 3), refused, arrival(5000, SIXTH)], { endpoint })).toEqual(['impossible']);
  expect(found([...ALL.slice(0, 3), refused, arrival(12_000, SIXTH)], { endpoint })).toEqual(['lost']);
});

it('finds attempts beyond the schedule, however long they waited', () => {
  const refused = (at: number, more: Partial<Arrival> = {}) => arrival(at, SIXTH, { status: 500, ...more });
  const endpoint = { waitsS: [2] };
  const two = [...ALL.slice(0, 3), refused(4000), refused(6100)];
  expect(found([...two, arrival(9000, SIXTH)], { endpoint })).toEqual(['impossible']);
  expect(found([...two, arrival(9000, SIXTH)], { endpoint: { waitsS: [2, 2] } })).toEqual([]);
  const unheard = refused(6100, { status: null, isWritten: false });
  expect(found([...ALL.slice(0, 3), refused(4000), unheard, arrival(9000, SIXTH)], { endpoint })).toEqual([
    'impossible',
  ]);
});
