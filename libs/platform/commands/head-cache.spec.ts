import { HeadCache } from './head-cache.js';
import type { Head } from './heads.js';

const head = (stream: string, version = 1): Head => ({
  stream,
  workspace: 'wsp_1',
  type: 'conversation',
  version,
  state: {},
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
    cache.set(head('conv_b', 2));
    cache.set(head('conv_d'));
    expect(cache.get('conv_b')?.version).toBe(2);
  });

  it('has no old version of a stream that was set again', () => {
    const cache = new HeadCache(2);
    cache.set(head('conv_a', 1));
    cache.set(head('conv_b'));
    cache.set(head('conv_c'));
    cache.set(head('conv_a', 2));
    expect(cache.get('conv_a')?.version).toBe(2);
    cache.drop('conv_a');
    expect(cache.get('conv_a')).toBeUndefined();
  });
});
