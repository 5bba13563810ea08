import { specify } from '../../platform/testing/decider-specification.js';
import { apiKeyDecider, type CreateApiKey } from './api-key.decider.js';
import type { ApiKeyEvent } from './api-key.events.js';

const given = specify(apiKeyDecider);
const hash = Buffer.alloc(32, 7);
const create: CreateApiKey = { type: 'create', name: 'CI', scopes: ['customers:read'], secretHash: hash };
const created: ApiKeyEvent = {
  type: 'api_key.created',
  data: { name: 'CI', scopes: ['customers:read'], secret_hash: hash },
};
const revoked: ApiKeyEvent = { type: 'api_key.revoked', data: {} };

it('makes a valid key, and keeps nothing of its secret in the state', () => {
  expect(given().when(create).thenEvents(created)).toEqual({ revoked: false });
});

it('is made once', () => {
  given(created).when(create).thenRefused('external_id_taken');
  given(created, revoked).when(create).thenRefused('external_id_taken');
});

it('is revoked once, for ever; again is no change', () => {
  expect(given(created).when({ type: 'revoke' }).thenEvents(revoked)).toEqual({ revoked: true });
  given(created, revoked).when({ type: 'revoke' }).thenEvents();
});

it('is not found where there is none', () => {
  given().when({ type: 'revoke' }).thenRefused('not_found');
});

it('cannot be folded from another first event', () => {
  expect(() => apiKeyDecider.evolve(null, revoked)).toThrow('first event is api_key.revoked');
});
