import { newId } from '../kernel/id.js';
import { isOfItsKind, readHeads } from './heads.js';

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

it('finds a stream that is asked for under another prefix as well', async () => {
  const customer = newId('cus');
  const ids = [customer, customer.replace('cus', 'conv')];
  const row = {
    stream: customer.slice(4),
    workspace: newId('wsp').slice(4),
    type: 'customer',
    version: 1,
    state: '{}',
  };
  const heads = await readHeads({ query: async () => ({ rows: [row] }) }, ids);
  expect(heads.filter(isOfItsKind).map(({ stream }) => stream)).toEqual([customer]);
});
