import { partyOf } from './party.js';

const uuid = '0198f2c0-a1b2-7c3d-8e4f-5a6b7c8d9e03';

it.each([
  ['user', 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03'],
  ['ai_agent', 'aia_0198f2c0a1b27c3d8e4f5a6b7c8d9e03'],
])('a %s has an id of its own kind', (type, id) => {
  expect(partyOf(type, uuid)).toEqual({ type, id });
});

it.each(['customer', 'constructor', ''])('%j is nobody who answers', (type) => {
  expect(() => partyOf(type, uuid)).toThrow(/neither user nor ai_agent/);
});
