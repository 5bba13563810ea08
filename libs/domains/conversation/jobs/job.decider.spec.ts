import { specify } from '../../../platform/testing/decider-specification.js';
import { type CreateJob, jobDecider, MOST_RUNNING, ROWS_AN_EVENT } from './job.decider.js';
import type { JobEvent } from './job.events.js';

const given = specify(jobDecider);
const body = '{"priority":"low"}';
const create = (count: number, running = 0): CreateJob => ({
  type: 'create',
  kind: 'conversations.update',
  body,
  conversations: Array.from({ length: count }, (_, n) => `conv_${n}`),
  running,
});
const created = (total: number): JobEvent => ({
  type: 'job.created',
  data: { kind: 'conversations.update', body, total },
});
const added = (first: number, ...conversation_ids: string[]): JobEvent => ({
  type: 'job.rows_added',
  data: { first, conversation_ids },
});
const progressed = (first: number, ...outcomes: string[]): JobEvent => ({
  type: 'job.progressed',
  data: { first, outcomes },
});
const finished: JobEvent = { type: 'job.finished', data: {} };
const cancelled: JobEvent = { type: 'job.cancelled', data: {} };
const two = [created(2), added(0, 'conv_0', 'conv_1')];

it('names its conversations, many in an event', () => {
  given()
    .when(create(2))
    .thenEvents(...two);
  given().when(create(0)).thenEvents(created(0), finished);
  const many = create(ROWS_AN_EVENT + 1);
  given()
    .when(many)
    .thenEvents(
      created(ROWS_AN_EVENT + 1),
      added(0, ...many.conversations.slice(0, ROWS_AN_EVENT)),
      added(ROWS_AN_EVENT, `conv_${ROWS_AN_EVENT}`),
    );
});

it('is not begun beside as many as a workspace may have', () => {
  given()
    .when(create(2, MOST_RUNNING - 1))
    .thenEvents(...two);
  given().when(create(2, MOST_RUNNING)).thenRefused('too_many');
  // It is over as soon as it begins.
  given().when(create(0, MOST_RUNNING)).thenEvents(created(0), finished);
});

it('goes on row by row, and ends with the last', () => {
  given(...two)
    .when({ type: 'progress', first: 0, outcomes: [''] })
    .thenEvents(progressed(0, ''));
  given(...two, progressed(0, ''))
    .when({ type: 'progress', first: 1, outcomes: ['not_found'] })
    .thenEvents(progressed(1, 'not_found'), finished);
});

it('takes the outcome of a row once, whoever brings it', () => {
  given(...two, progressed(0, ''))
    .when({ type: 'progress', first: 0, outcomes: [''] })
    .thenRefused('job_ended');
  given(...two)
    .when({ type: 'progress', first: 1, outcomes: [''] })
    .thenRefused('job_ended');
});

it('is cancelled once, and takes what was on its way', () => {
  given(...two)
    .when({ type: 'cancel' })
    .thenEvents(cancelled);
  given(...two, cancelled)
    .when({ type: 'cancel' })
    .thenRefused('job_ended');
  given(...two, progressed(0, '', ''), finished)
    .when({ type: 'cancel' })
    .thenRefused('job_ended');
  given(...two, cancelled)
    .when({ type: 'progress', first: 0, outcomes: ['', ''] })
    .thenEvents(progressed(0, '', ''));
});

it('is not there before it is made', () => {
  given().when({ type: 'cancel' }).thenRefused('not_found');
  expect(() => jobDecider.evolve(null, finished)).toThrow('first event is job.finished');
});
