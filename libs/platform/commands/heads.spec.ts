import { newId } from '../kernel/id.js';
import { type Head, HeadCache, isOfItsKind, isSealedState, sealedStateText } from './heads.js';

const head = (stream: string, more: Partial<Head> = {}): Head => ({
  stream,
  workspace: 'wsp_1',
  type: 'conversation',
  version: 1,
  state: {},
  ...more,
});

describe('the cache of heads', () => {
  it('holds as many as it was made for, and at most twice as many', () => {
    const cache = new HeadCache(100);
    const streams = Array.from({ length: 1000 }, (_, i) => `conv_${i}`);
    for (const stream of streams) cache.set(head(stream));
    const held = streams.filter((stream) => cache.get(stream) !== undefined);
    expect(held).toEqual(expect.arrayContaining(streams.slice(-100)));
    expect(held.length).toBeLessThanOrEqual(200);
  });

  it('keeps what is used, however much passes through', () => {
    const cache = new HeadCache(10);
    cache.set(head('conv_busy'));
    for (let i = 0; i < 500; i++) {
      cache.set(head(`conv_${i}`));
      if (i % 5 === 0) expect(cache.get('conv_busy')?.stream).toBe('conv_busy');
    }
    expect(cache.get('conv_0')).toBeUndefined();
  });

  it('forgets what it is told to, of whatever age, and takes the newest', () => {
    const cache = new HeadCache(2);
    for (const stream of ['conv_a', 'conv_b', 'conv_c']) cache.set(head(stream));
    for (const stream of ['conv_a', 'conv_c']) {
      cache.drop(stream);
      expect(cache.get(stream)).toBeUndefined();
    }
    cache.set(head('conv_b', { version: 2 }));
    cache.set(head('conv_d'));
    expect(cache.get('conv_b')?.version).toBe(2);
  });

  it('has no old version of a stream that was set again', () => {
    const cache = new HeadCache(2);
    cache.set(head('conv_a', { version: 1 }));
    cache.set(head('conv_b'));
    cache.set(head('conv_c'));
    cache.set(head('conv_a', { version: 2 }));
    expect(cache.get('conv_a')?.version).toBe(2);
    cache.drop('conv_a');
    expect(cache.get('conv_a')).toBeUndefined();
  });
});

it('tells a sealed state from one that merely has such a field', () => {
  expect(isSealedState({ sealed: Buffer.from('x') })).toBe(true);
  expect(isSealedState({ sealed: 'x' })).toBe(false);
  expect(sealedStateText(Buffer.from('x'))).toBe('sealed:eA==');
});

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
  expect(isOfItsKind(head(newId(prefix), { type }))).toBe(expected);
});
