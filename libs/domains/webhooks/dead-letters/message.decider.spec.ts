import { specify } from '../../../platform/testing/decider-specification.js';
import { messageDecider } from './message.decider.js';
import type { MessageEvent } from './message.events.js';

const given = specify(messageDecider);

const letter = {
  endpoint_id: 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01',
  event_id: 'evt_0198f2c0a1b27c3d8e4f5a6b7c8d9e01',
  event_type: 'message.created',
  event_stream: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e01',
  event_position: 4711,
  run: 0,
  pin: '',
  attempts: 13,
  status: null,
  cause: 'timeout',
  skipped: false,
};
const deadLettered: MessageEvent = { type: 'webhook_message.dead_lettered', data: letter };
const { endpoint_id, event_id, event_type } = letter;
const redriven: MessageEvent = {
  type: 'webhook_message.redriven',
  data: { endpoint_id, event_id, event_type, run: 3 },
};

it('becomes a dead letter once, whoever says so again', () => {
  given().when({ type: 'dead_letter', letter }).thenEvents(deadLettered);
  given(deadLettered)
    .when({ type: 'dead_letter', letter: { ...letter, attempts: 14 } })
    .thenEvents();
});

it('is sent again by the run that was first', () => {
  given(deadLettered).when({ type: 'redrive', run: 3 }).thenEvents(redriven);
  given(deadLettered, redriven).when({ type: 'redrive', run: 3 }).thenEvents();
  const { redriven: run } = given(deadLettered, redriven).when({ type: 'redrive', run: 4 }).thenEvents()!;
  expect(run).toBe(3);
});

it('is not sent again where it is none', () => {
  given().when({ type: 'redrive', run: 3 }).thenRefused('not_found');
});
