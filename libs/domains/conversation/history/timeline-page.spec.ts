import type { FoldedEvent } from './message-windows.js';
import { TimelinePage } from './timeline-page.js';
import { BEGINNING, type TimelinePlace } from './timeline-place.js';

const event = (seq: number, occurred_at: number) =>
  ({ type: 'message.created', position: seq, meta: { seq, occurred_at }, bytes: 10 }) as FoldedEvent & {
    position: number;
  };
const activity = (position: number, occurredAt: number, bytes = 10) => ({ position, occurredAt, bytes });

/** All pages, read one after another as a client does, in short. */
function pages(
  events: ReturnType<typeof event>[],
  activities: ReturnType<typeof activity>[],
  limit: number,
): { pages: string[][]; places: TimelinePlace[] } {
  const read: string[][] = [];
  const places: TimelinePlace[] = [];
  for (let after = BEGINNING; ; ) {
    const found = activities
      .filter(
        ({ occurredAt, position }) =>
          occurredAt > after.activity.occurredAt ||
          (occurredAt === after.activity.occurredAt && position > after.activity.position),
      )
      .slice(0, limit + 1);
    const page = new TimelinePage(found, after, limit);
    for (const one of events.filter(({ meta }) => meta.seq > after.seq)) page.add(one);
    page.addRest();
    read.push(page.entries.map((entry) => ('meta' in entry ? `e${entry.meta.seq}` : `a${entry.position}`)));
    if (!page.isFull) return { pages: read, places };
    after = page.place;
    places.push(after);
  }
}

const EVENTS = [event(1, 100), event(2, 200), event(3, 150), event(4, 400)];
const ACTIVITIES = [activity(70, 50), activity(90, 100), activity(60, 160), activity(61, 160), activity(80, 900)];

it('puts an activity before the first event that happened later, and keeps both orders', () => {
  expect(pages(EVENTS, ACTIVITIES, 100).pages).toEqual([['a70', 'e1', 'a90', 'a60', 'a61', 'e2', 'e3', 'e4', 'a80']]);
});

it.each([1, 2, 3, 4, 5, 8, 9, 10])('is the same whole in pages of %i', (limit) => {
  const { pages: read } = pages(EVENTS, ACTIVITIES, limit);
  expect(read.flat()).toEqual(pages(EVENTS, ACTIVITIES, 100).pages[0]);
  expect(read.map(({ length }) => length)).toEqual(
    Array.from({ length: Math.ceil(9 / limit) }, (_, n) => Math.min(limit, 9 - n * limit)),
  );
});

it('is of activities alone where there are no events, and of events alone', () => {
  expect(pages([], ACTIVITIES, 2).pages.flat()).toEqual(['a70', 'a90', 'a60', 'a61', 'a80']);
  expect(pages(EVENTS, [], 3).pages).toEqual([['e1', 'e2', 'e3'], ['e4']]);
});

it('ends with what passes the weight of a page', () => {
  const heavy = [1, 2, 3].map((n) => activity(n, n, 3 * 1024 * 1024));
  expect(pages([], heavy, 100).pages).toEqual([['a1', 'a2'], ['a3']]);
});
