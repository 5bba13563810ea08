import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../../../platform/testing/test-certificates.js';
import { fingerprintOf } from './client-certificate.js';

const folder = mkdtempSync(join(tmpdir(), 'heddle-certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = new TestAuthority(folder);
const issued = (name: string, kind?: readonly string[]) => {
  const { cert, key } = authority.issue(name, 'DNS:localhost', kind);
  return { file: cert, cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
};
const [one, other] = [issued('one'), issued('other')];

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

it.each([['rsa:2048'], ['rsa:4096'], ['ed25519'], ['ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1']])(
  'is one of a key by %s',
  (...kind) => {
    expect(fingerprintOf(issued(kind.join('-'), kind))).toMatch(/^[0-9a-f]{64}$/);
  },
);

it.each([['rsa:4104'], ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'], ['ed448']])(
  'is none where a signature may take long: by %s',
  (...kind) => {
    expect(fingerprintOf(issued(kind.join('-'), kind))).toBeNull();
  },
);
