import { jest } from '@jest/globals';
import { RequestsInFlight } from './requests-in-flight.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const KEY = { key: 'k', fingerprint: 'f' };

/** Requests that end when they are told to, and how many were carried out. */
function made() {
  const requests = new RequestsInFlight<string>();
  const begun: PromiseWithResolvers<string>[] = [];
  const send = (key: typeof KEY | null) =>
    requests.once(key, () => {
      const request = Promise.withResolvers<string>();
      begun.push(request);
      return request.promise;
    });
  return { begun, send };
}

it('carries out one of those with the same key at a time, and all others at once', async () => {
  const { begun, send } = made();
  const answers = [send(KEY), send(KEY), send(KEY), send({ ...KEY, key: 'other' }), send(null), send(null)];
  expect(begun).toHaveLength(4);
  begun[0]!.resolve('first');
  await answers[0];
  await jest.advanceTimersByTimeAsync(0);
  expect(begun).toHaveLength(5);
  begun[4]!.reject(new Error('away'));
  await expect(answers[1]).rejects.toThrow('away');
  await jest.advanceTimersByTimeAsync(0);
  expect(begun).toHaveLength(6);
  begun[5]!.resolve('third');
  expect(await answers[2]).toBe('third');
});

it('refuses another request under a key that is in flight', async () => {
  const { begun, send } = made();
  void send(KEY);
  await expect(send({ ...KEY, fingerprint: 'g' })).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  expect(begun).toHaveLength(1);
});

it('waits five seconds for the first one, and leaves no clock behind', async () => {
  const { begun, send } = made();
  const first = send(KEY);
  const late = expect(send(KEY)).rejects.toMatchObject({ code: 'request_in_flight' });
  await jest.advanceTimersByTimeAsync(4999);
  const second = send(KEY);
  await jest.advanceTimersByTimeAsync(1);
  await late;
  begun[0]!.resolve('first');
  expect(await first).toBe('first');
  await jest.advanceTimersByTimeAsync(0);
  begun[1]!.resolve('again');
  expect([await second, jest.getTimerCount()]).toEqual(['again', 0]);
});
