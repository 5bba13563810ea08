import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type CertificateFiles, TestAuthority } from '../testing/test-certificates.js';
import { SettingsError } from './setting.js';
import { readTlsFiles } from './tls-files.js';

let folder: string;
let authority: TestAuthority;
let ours: CertificateFiles;
let others: CertificateFiles;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-tls-files-'));
  authority = new TestAuthority(join(folder, 'authority'));
  ours = authority.issue('ours', 'DNS:ours');
  others = authority.issue('others', 'DNS:others');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (ca: string | null, client: { cert: string; key: string } | null) =>
  readTlsFiles({
    ca: ca === null ? null : { setting: 'A_CA', path: ca },
    client:
      client === null
        ? null
        : { cert: { setting: 'A_CERT', path: client.cert }, key: { setting: 'A_KEY', path: client.key } },
  });

function refused(...of: Parameters<typeof read>): string {
  try {
    read(...of);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as Error).message).not.toMatch(/\n|PRIVATE KEY/);
    return (error as Error).message;
  }
  throw new Error('accepted');
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function lockedKey(...how: string[]): string {
  const path = join(folder, `locked${how.length}.key`);
  execFileSync('openssl', [...how, '-in', ours.key, '-out', path, '-aes256', '-passout', 'pass:locked'], {
    stdio: 'ignore',
  });
  return path;
}

test('files that fit are what TLS takes', () => {
  const both = read(authority.ca, ours);
  expect(() => createSecureContext(both)).not.toThrow();
  expect(both).toEqual({
    ca: readFileSync(authority.ca, 'utf8'),
    cert: readFileSync(ours.cert, 'utf8'),
    key: readFileSync(ours.key, 'utf8'),
  });
  expect(read(null, null)).toEqual({});
});

test('several authorities, with words between, are trusted', () => {
  const text = `# first\n${readFileSync(authority.ca, 'utf8')}\n# second\n${readFileSync(ours.cert, 'utf8')}`;
  expect(read(file('bundle.pem', text), null)).toEqual({ ca: text });
});

test.each<[string, () => Parameters<typeof read>, RegExp]>([
  [
    'a key of another certificate',
    () => [null, { cert: ours.cert, key: others.key }],
    /^A_KEY: .*others\.key is not the key of the certificate of A_CERT: name/,
  ],
  [
    'a key with a passphrase',
    () => [null, { cert: ours.cert, key: lockedKey('pkey') }],
    /^A_KEY: .* by a passphrase: /,
  ],
  [
    'a key with a passphrase, in the older form',
    () => [null, { cert: ours.cert, key: lockedKey('ec', '-outform', 'PEM') }],
    /^A_KEY: .* by a passphrase: /,
  ],
  [
    'certificate and key in each other’s place',
    () => [null, { cert: ours.key, key: ours.cert }],
    /^A_CERT: .*ours\.key holds no certificate: name the file of the certificate\.$/,
  ],
  [
    'a certificate in the place of the key',
    () => [null, { cert: ours.cert, key: ours.cert }],
    /^A_KEY: .*ours\.pem holds no private key \(.*\): name the file of the private key\.$/,
  ],
  ['a key in the place of an authority', () => [ours.key, null], /^A_CA: .*ours\.key holds no certificate: /],
  [
    'an authority that is broken',
    () => [file('broken.pem', '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'), null],
    /^A_CA: .*broken\.pem holds a certificate that cannot be read \(.*\): /,
  ],
  ['no PEM', () => [file('text', 'no certificate'), null], /^A_CA: .*text holds no PEM/],
  ['no file', () => [join(folder, 'absent'), null], /^A_CA: .*absent cannot be read \(ENOENT\): correct/],
])('%s is told with its setting and the fix', (_, of, line) => {
  expect(refused(...of())).toMatch(line);
});
