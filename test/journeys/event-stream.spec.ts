import { EventStreamParser } from './event-stream.js';

const parsed = (...chunks: string[]) => {
  const parser = new EventStreamParser();
  const events = chunks.flatMap((chunk) => parser.feed(Buffer.from(chunk)));
  return { events, last: parser.lastEventId };
};

// The examples of WHATWG HTML, section 9.2.6.
it('reads data of several lines, comments, and types', () => {
  expect(parsed('data: YHOO\ndata: +2\ndata: 10\n\n').events).toEqual([
    { lastEventId: '', type: 'message', data: 'YHOO\n+2\n10' },
  ]);
  expect(
    parsed(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n').events,
  ).toEqual([
    { lastEventId: '1', type: 'message', data: 'first event' },
    { lastEventId: '', type: 'message', data: 'second event' },
    { lastEventId: '', type: 'message', data: ' third event' },
  ]);
});

it('moves its place by an id without data, and hears nothing', () => {
  expect(parsed('id: 7\n\n')).toEqual({ events: [], last: '7' });
});

it('does not count what was not ended', () => {
  expect(parsed('id: 7\ndata: x\n\nid: 8\ndata: y\n')).toMatchObject({ events: [{ data: 'x' }], last: '7' });
});

it('is the same wherever it was cut, all kinds of line ends included', () => {
  const text = 'id: 1\r\nevent: a.b\r\ndata: Grüße 🧵\r\n\r\nid: 2\rdata: y\r\rdata: z\n\n';
  const whole = parsed(text);
  expect(whole.events).toHaveLength(3);
  const bytes = Buffer.from(text);
  for (let at = 1; at < bytes.length; at++) {
    const parser = new EventStreamParser();
    const events = [...parser.feed(bytes.subarray(0, at)), ...parser.feed(bytes.subarray(at))];
    expect([at, events]).toEqual([at, whole.events]);
  }
});
