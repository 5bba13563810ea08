import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../../../platform/testing/test-certificates.js';
import { fingerprintOf } from './client-certificate.js';

const folder = mkdtempSync(join(tmpdir(), 'heddle-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = new TestAuthority(folder);
const [one, other] = ['one', 'other'].map((name) => {
  const { cert, key } = authority.issue(name, 'DNS:localhost');
  return { file: cert, cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}) as [{ file: string; cert: string; key: string }, { file: string; cert: string; key: string }];

it('is what openssl says of the certificate, with or without those that signed it', () => {
  const said = execFileSync('openssl', ['x509', '-in', one.file, '-noout', '-fingerprint', '-sha256'], {
    encoding: 'utf8',
  });
  const hex = said.trim().split('=')[1]!.replaceAll(':', '').toLowerCase();
  expect(fingerprintOf(one)).toBe(hex);
  expect(fingerprintOf({ ...one, cert: one.cert + readFileSync(authority.ca, 'utf8') })).toBe(hex);
});

it('is none where TLS does not take the two together', () => {
  expect(fingerprintOf({ cert: one.cert, key: other.key })).toBeNull();
  expect(fingerprintOf({ cert: one.key, key: one.key })).toBeNull();
  expect(fingerprintOf({ cert: one.cert, key: 'no key' })).toBeNull();
  expect(fingerprintOf({ cert: '', key: '' })).toBeNull();
});
