import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import { BodyWatch } from './body-watch.js';
import type { Exchange } from './exchange.js';

const response = {} as ServerResponse;
const exchange = (raw: { complete: boolean; destroyed: boolean }) => ({ request: { raw } }) as unknown as Exchange;
const PENDING = { complete: false, destroyed: false };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('tells of the bodies that are late, once each, and of no others', () => {
  const late: Exchange[] = [];
  const watch = new BodyWatch(60, (one) => late.push(one));
  const [slow, ended, complete, gone] = [
    exchange(PENDING),
    exchange(PENDING),
    exchange({ complete: true, destroyed: false }),
    exchange({ complete: false, destroyed: true }),
  ];
  for (const one of [slow, ended, complete, gone]) watch.begin(one, response);
  watch.end(ended);
  jest.advanceTimersByTime(30);
  const later = exchange(PENDING);
  watch.begin(later, response);
  jest.advanceTimersByTime(30);
  expect(late).toEqual([]);
  jest.advanceTimersByTime(5);
  expect(late).toEqual([slow]);
  jest.advanceTimersByTime(100);
  watch.close();
  expect(late).toEqual([slow, later]);
});

it('looks no more once it is closed', () => {
  const late: Exchange[] = [];
  const watch = new BodyWatch(60, (one) => late.push(one));
  watch.begin(exchange(PENDING), response);
  watch.close();
  jest.advanceTimersByTime(200);
  expect(late).toEqual([]);
});
