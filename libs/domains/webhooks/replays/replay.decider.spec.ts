import { specify } from '../../../platform/testing/decider-specification.js';
import { MOST_RUNNING, replayDecider, type StartReplay } from './replay.decider.js';
import type { ReplayEvent } from './replay.events.js';

const given = specify(replayDecider);
const start: StartReplay = {
  type: 'start',
  endpoint: 'whe_1',
  run: 3,
  from: 1,
  to: 90,
  types: ['label.*'],
  filter: null,
  only: 'all',
  running: MOST_RUNNING - 1,
};
const started: ReplayEvent = {
  type: 'webhook_replay.started',
  data: {
    endpoint_id: 'whe_1',
    run: 3,
    from_position: 1,
    to_position: 90,
    types: ['label.*'],
    filter: null,
    only: 'all',
  },
};
const finished: ReplayEvent = {
  type: 'webhook_replay.finished',
  data: { endpoint_id: 'whe_1', due: 7, passed_over: 2 },
};
const cancelled: ReplayEvent = { type: 'webhook_replay.cancelled', data: { endpoint_id: 'whe_1' } };
const finish = { type: 'finish', due: 7, passedOver: 2 } as const;
const cancel = { type: 'cancel' } as const;

it('is of one endpoint, and runs beside few others of its workspace', () => {
  expect(given().when(start).thenEvents(started)).toEqual({ endpoint: 'whe_1', status: 'running' });
  given()
    .when({ ...start, running: MOST_RUNNING })
    .thenRefused('too_many');
});

it('ends once, with what it came to', () => {
  given(started).when(finish).thenEvents(finished);
  given(started, finished).when(finish).thenEvents();
  given(started, finished).when(cancel).thenRefused('replay_ended');
});

it('can be cancelled while it runs', () => {
  given(started).when(cancel).thenEvents(cancelled);
  given(started, cancelled).when(cancel).thenRefused('replay_ended');
  // Whoever saw the last of it delivered at that moment says nothing more.
  given(started, cancelled).when(finish).thenEvents();
});

it('is to be started first', () => {
  given().when(finish).thenRefused('not_found');
  given().when(cancel).thenRefused('not_found');
  expect(() => replayDecider.evolve(null, finished)).toThrow('first event is webhook_replay.finished');
});
