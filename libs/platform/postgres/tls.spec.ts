import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { StartupError } from '../settings/startup-error.js';
import { takeTls } from './tls.js';

const URL = 'postgresql://u:p%40ss@db.example:5432/heddle';
let folder: string;
let ca: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-tls-'));
  ca = join(folder, 'ca.pem');
  writeFileSync(ca, rootCertificates[0]!);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tlsOf = (parameters: string) => takeTls(`${URL}?${parameters.replaceAll('CA', ca)}`).tls;

describe('TLS as the database URL asks for it', () => {
  test('is none where it does not, whatever the environment says', () => {
    const before = process.env.PGSSLMODE;
    process.env.PGSSLMODE = 'require';
    try {
      expect(takeTls(URL)).toEqual({ url: URL, tls: false });
      expect(tlsOf('sslmode=disable')).toBe(false);
    } finally {
      if (before === undefined) delete process.env.PGSSLMODE;
      else process.env.PGSSLMODE = before;
    }
  });

  test('leaves in the URL what is not about TLS', () => {
    const { url } = takeTls(`${URL}?sslmode=require&require_auth=scram-sha-256&sslnegotiation=direct`);
    expect(url).toBe(`${URL}?require_auth=scram-sha-256&sslnegotiation=direct`);
  });

  test.each([
    ['sslmode=require', false, 'nobody'],
    ['ssl=true', false, 'nobody'],
    ['sslmode=require&sslrootcert=CA', true, 'chain'],
    ['sslmode=verify-ca&sslrootcert=CA', true, 'chain'],
    ['sslmode=verify-full&sslrootcert=CA', true, 'name'],
    ['sslmode=verify-full&sslrootcert=system', true, 'name'],
    ['sslrootcert=system', true, 'name'],
  ])('%s', (parameters, hasAuthority, looksAt) => {
    const tls = tlsOf(parameters);
    if (tls === false) throw new Error('not encrypted');
    expect('ca' in tls).toBe(hasAuthority);
    expect(tls.rejectUnauthorized === false).toBe(looksAt === 'nobody');
    expect('checkServerIdentity' in tls).toBe(looksAt === 'chain');
  });

  test.each([
    ['sslmode=prefer', /sslmode=prefer, which may go on without encryption: set sslmode=require/],
    ['sslmode=allow', /sslmode=allow, which may go on/],
    ['sslmode=no-verify', /sslmode=no-verify: set one of disable, require, verify-ca, verify-full/],
    ['sslmode=verify-ca', /sslmode=verify-ca without a certificate to trust: add sslrootcert=/],
    ['sslmode=verify-full', /sslmode=verify-full without a certificate to trust: add sslrootcert=/],
    ['sslmode=require&sslrootcert=system', /sslrootcert=system with sslmode=require: set sslmode=verify-full/],
    ['sslrootcert=CA', /a certificate without sslmode: add sslmode=verify-full/],
    ['sslmode=require&sslcert=CA', /only one of sslcert and sslkey: name both/],
    ['sslmode=require&sslcrl=CA', /sslcrl: leave it out/],
    ['ssl=0', /ssl=0: set sslmode/],
    ['uselibpqcompat=true&sslmode=prefer', /uselibpqcompat: leave it out/],
    ['sslmode=verify-full&sslrootcert=/absent.pem', /sslrootcert of DATABASE_URL: \/absent.pem cannot be read/],
  ])('%s is refused in one line', (parameters, message) => {
    expect(() => tlsOf(parameters)).toThrow(StartupError);
    expect(() => tlsOf(parameters)).toThrow(message);
    expect(() => tlsOf(parameters)).not.toThrow(/\n|p%40ss|p@ss/);
  });
});
