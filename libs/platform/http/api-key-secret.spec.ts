import { hash } from 'node:crypto';
import { hashOf, isWellFormedSecret, newSecret } from './api-key-secret.js';

it('makes secrets that nobody made before, known by their form and kept by their hash', () => {
  const made = Array.from({ length: 100 }, newSecret);
  expect(new Set(made.map(({ secret }) => secret)).size).toBe(100);
  for (const { secret, hash: kept } of made) {
    expect(secret).toMatch(/^hdl_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/);
    expect(isWellFormedSecret(secret)).toBe(true);
    expect(kept.toString('hex')).toBe(hashOf(secret));
    expect(hashOf(secret)).toBe(hash('sha256', secret, 'hex'));
  }
});

it('tells a mistyped one', () => {
  const { secret } = newSecret();
  for (let at = 4; at < secret.length; at++) {
    const other = secret[at] === 'a' ? 'b' : 'a';
    expect(isWellFormedSecret(secret.slice(0, at) + other + secret.slice(at + 1))).toBe(false);
  }
  for (const text of ['', 'hdl_', secret.slice(1), `${secret}0`, secret.replace('hdl_', 'xdl_')]) {
    expect(isWellFormedSecret(text)).toBe(false);
  }
});
