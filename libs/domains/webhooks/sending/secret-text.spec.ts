import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { newSecret, privateKey, privateKeyText, publicKeyText, secretKey } from './secret-text.js';

describe('secrets', () => {
  it('are 32 random bytes behind whsec_', () => {
    const [one, other] = [newSecret(), newSecret()];
    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(other).not.toBe(one);
    expect(secretKey(one)!.export()).toEqual(Buffer.from(one.slice(6), 'base64'));
  });

  it.each([
    ['23 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`, null],
    ['24 bytes', `whsec_${Buffer.alloc(24).toString('base64')}`, 24],
    ['64 bytes', `whsec_${Buffer.alloc(64).toString('base64')}`, 64],
    ['65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`, null],
    ['no prefix', Buffer.alloc(32).toString('base64'), null],
    ['another prefix', `whpk_${Buffer.alloc(32).toString('base64')}`, null],
    ['no base64', `whsec_${'!'.repeat(44)}`, null],
    ['base64 without its end', `whsec_${'A'.repeat(43)}`, null],
  ])('of %s', (_, text, bytes) => {
    expect(secretKey(text)?.symmetricKeySize ?? null).toBe(bytes);
  });
});

describe('ed25519 keys', () => {
  const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
  const seed = Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url');

  it('are told to receivers as 32 bytes behind whpk_', () => {
    expect(publicKeyText(key)).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(publicKeyText(publicKey)).toBe(publicKeyText(key));
    expect(Buffer.from(publicKeyText(key).slice(5), 'base64')).toEqual(
      publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    );
  });

  it.each([
    ['seed and public key', () => privateKeyText(key)],
    ['the seed alone', () => `whsk_${seed.toString('base64')}`],
  ])('are read from whsk_ with %s', (_, text) => {
    const read = privateKey(text())!;
    expect(verify(null, Buffer.from('x'), createPublicKey(key), sign(null, Buffer.from('x'), read))).toBe(true);
  });

  it.each([
    ['another prefix', () => `whpk_${seed.toString('base64')}`],
    ['31 bytes', () => `whsk_${seed.subarray(1).toString('base64')}`],
    ['a public key that is another’s', () => `whsk_${Buffer.concat([seed, Buffer.alloc(32)]).toString('base64')}`],
  ])('are not read with %s', (_, text) => {
    expect(privateKey(text())).toBeNull();
  });
});
