import { createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { newId } from '../../../platform/kernel/id.js';
import { workspaceKeyFrom } from '../../../platform/keys/workspace-key.js';
import { newSigningKeys, type OpenSecrets, openSecrets, publicKeyOf, sealSecrets } from './endpoint-secrets.js';

const secret = randomBytes(32);
const key = workspaceKeyFrom('0'.repeat(32), secret);
const endpoint = newId('whe');
const secrets: OpenSecrets = {
  ...newSigningKeys(),
  headers: [['X-Token', 'a value of the shop']],
  clientCertificate: { cert: 'a certificate', key: 'a private key' },
};

it('opens what it sealed, in which nothing of it can be read', () => {
  const sealed = sealSecrets(key, endpoint, secrets);
  for (const part of [secrets.secret, 'X-Token', 'a value', 'a certificate', 'private']) {
    expect(sealed.includes(part)).toBe(false);
  }
  const { ed25519, ...open } = openSecrets(key, endpoint, sealed.toString('base64'));
  const { ed25519: made, ...plain } = secrets;
  expect([open, ed25519.equals(made)]).toEqual([plain, true]);
});

it('opens for no other endpoint, no other workspace, and not where a bit is another', () => {
  const sealed = sealSecrets(key, endpoint, secrets);
  const text = sealed.toString('base64');
  expect(() => openSecrets(key, newId('whe'), text)).toThrow(/do not open/);
  expect(() => openSecrets(workspaceKeyFrom('1'.repeat(32), secret), endpoint, text)).toThrow(/do not open/);
  // Under the same key, for another workspace.
  expect(() => openSecrets({ ...key, workspace: '1'.repeat(32) }, endpoint, text)).toThrow(/do not open/);
  sealed[20]! ^= 1;
  expect(() => openSecrets(key, endpoint, sealed.toString('base64'))).toThrow(/do not open/);
});

it('makes a secret of 32 bytes, each time another, or takes the one that is given', () => {
  const made = [newSigningKeys(), newSigningKeys()];
  for (const keys of made) {
    expect(keys.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(keys.secret.slice(6), 'base64')).toHaveLength(32);
  }
  expect(new Set(made.map((keys) => keys.secret)).size).toBe(2);
  expect(made[0]!.ed25519.equals(made[1]!.ed25519)).toBe(false);
  expect(newSigningKeys('whsec_given').secret).toBe('whsec_given');
});

it('shows the public key as the 32 bytes that verify what the private one signs', () => {
  const { ed25519 } = newSigningKeys();
  const shown = publicKeyOf(ed25519);
  expect(shown).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
  const x = Buffer.from(shown.slice(5), 'base64').toString('base64url');
  const known = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const message = Buffer.from('a message');
  expect(verify(null, message, known, sign(null, message, ed25519))).toBe(true);
});
