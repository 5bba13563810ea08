import { Problem } from '../../../platform/kernel/problem.js';
import { readClientMessage, subscriptionNamedIn } from './client-message.js';

function refused(text: string): [string, ...string[]] {
  try {
    readClientMessage(text);
  } catch (error) {
    const { code, more } = error as Problem;
    return [code, ...(more.errors ?? []).map(({ pointer, message }) => `${pointer} ${message}`)];
  }
  return ['taken'];
}

it('reads what a client may say', () => {
  expect(readClientMessage('{"type":"subscribe","subscription":"a","since":"now-1m"}')).toEqual({
    type: 'subscribe',
    subscription: 'a',
    since: 'now-1m',
    window: 100,
  });
  expect(readClientMessage('{"type":"ack","subscription":"a","cursor":"AQ"}')).toMatchObject({ cursor: 'AQ' });
  expect(readClientMessage('{"type":"unsubscribe","subscription":"a"}')).toMatchObject({ type: 'unsubscribe' });
  expect(readClientMessage('{"type":"ping"}')).toEqual({ type: 'ping' });
});

it('names the place that is wrong', () => {
  expect(refused('{')).toEqual(['malformed_request']);
  expect(refused('null')).toEqual(['invalid_request', expect.stringContaining('/message ')]);
  expect(refused('{"type":"stop"}')).toEqual(['invalid_request', expect.stringContaining('/message/type ')]);
  expect(refused('{"type":"ping","x":1}')).toEqual(['invalid_request', '/message/x is not a field that is known here']);
  expect(refused('{"type":"subscribe","subscription":"a b","window":0}')).toEqual([
    'invalid_request',
    expect.stringContaining('/message/subscription '),
    expect.stringContaining('/message/window '),
  ]);
  expect(refused('{"type":"ack","subscription":"a"}')).toEqual(['invalid_request', '/message/cursor is missing']);
  expect(refused('{"type":"subscribe","subscription":"a","filter":{"colour":"x"}}')).toEqual([
    'invalid_request',
    '/message/filter/colour is not a field that is known here',
  ]);
});

it('finds the subscription in what is wrong otherwise, and nothing in what is none', () => {
  expect(subscriptionNamedIn('{"type":"stop","subscription":"a"}')).toBe('a');
  for (const text of ['{', 'null', '7', '{"subscription":7}', '{"subscription":"a b"}']) {
    expect(subscriptionNamedIn(text)).toBeNull();
  }
});
