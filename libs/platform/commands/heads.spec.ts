import { newId } from '../kernel/id.js';
import { isOfItsKind } from './heads.js';

it.each([
  ['conv', 'conversation', true],
  ['conv', 'customer', false],
  ['cus', 'customer', true],
  ['usr', 'user', true],
  ['aia', 'ai_agent', true],
  ['wsp', 'workspace', true],
  ['key', 'api_key', true],
  ['msg', 'message', false],
] as const)('a %s id leads to a stream of the type %s: %s', (prefix, type, expected) => {
  expect(isOfItsKind({ stream: newId(prefix), workspace: 'wsp_1', type, version: 1, state: {} })).toBe(expected);
});
