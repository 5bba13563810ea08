import { idempotencyKey, keyed, requestFingerprint } from './idempotency.js';

it('is another key in another workspace, by another method and on another path', () => {
  const keys = [
    idempotencyKey('wsp_1', 'POST', '/v1/a', 'k'),
    idempotencyKey('wsp_2', 'POST', '/v1/a', 'k'),
    idempotencyKey('wsp_1', 'PUT', '/v1/a', 'k'),
    idempotencyKey('wsp_1', 'POST', '/v1/b', 'k'),
    idempotencyKey('wsp_1', 'POST', '/v1/a', 'l'),
    // The parts do not run into one another.
    idempotencyKey('wsp_1', 'POST', '/v1/ak', ''),
    idempotencyKey('wsp_1POST', '', '/v1/a', 'k'),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(idempotencyKey('wsp_1', 'POST', '/v1/a', 'k')).toBe(keys[0]);
});

it('has a fingerprint of the query, of If-Match and of the body', () => {
  const prints = [
    requestFingerprint('', '', '{}'),
    requestFingerprint('?a=1', '', '{}'),
    requestFingerprint('', '"1"', '{}'),
    requestFingerprint('', '', '{"a":1}'),
  ];
  expect(new Set(prints).size).toBe(prints.length);
  expect(requestFingerprint('', '', '{}')).toBe(prints[0]);
});

it('keeps no name that a key holds', () => {
  expect(idempotencyKey('wsp_1', 'POST', '/', 'ada@example.org')).not.toContain('ada');
});

it('is kept under a secret, without which no text can be tried against it', () => {
  const asked = { key: idempotencyKey('wsp_1', 'POST', '/', 'k'), fingerprint: requestFingerprint('', '', '{}') };
  const kept = keyed('one secret', asked)!;
  expect(kept).toEqual(keyed('one secret', asked));
  expect(kept).not.toEqual(keyed('another secret', asked));
  expect(Object.values(kept)).not.toContain(asked.fingerprint);
  expect(keyed('one secret', null)).toBeNull();
});
