import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { BodyWatch } from './body-watch.js';
import type { Exchange } from './exchange.js';

const response = {} as ServerResponse;
const exchange = (raw: { complete: boolean; destroyed: boolean }) => ({ request: { raw } }) as unknown as Exchange;
const PENDING = { complete: false, destroyed: false };

it('tells of the bodies that are late, once each, and of no others', async () => {
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
  await sleep(30);
  expect(late).toEqual([]);
  const later = exchange(PENDING);
  watch.begin(later, response);
  await sleep(50);
  expect(late).toEqual([slow]);
  await sleep(100);
  watch.close();
  expect(late).toEqual([slow, later]);
});
