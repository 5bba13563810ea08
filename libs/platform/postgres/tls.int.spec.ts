import { chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDatabaseUrl } from '../settings/database-check.js';
import { type CertificateFiles, TestAuthority } from '../testing/test-certificates.js';
import { newClient } from './client.js';
import { openDataDirectory } from './data-directory.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.js';

let folder: string;
let postgres: EmbeddedPostgres;
let release: () => Promise<void>;
let ours: TestAuthority;
let other: TestAuthority;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-postgres-tls-'));
  ours = new TestAuthority(join(folder, 'ours'));
  other = new TestAuthority(join(folder, 'other'));
  const dataDir = join(folder, 'data');
  const directory = await openDataDirectory(dataDir);
  release = () => directory.release();
  postgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
}, 120_000);
afterAll(async () => {
  await postgres.stop();
  await release();
  rmSync(folder, { recursive: true, force: true });
});

/** The certificate names localhost, and not 127.0.0.1. */
function url(host: 'localhost' | '127.0.0.1', parameters: string): string {
  const made = new URL(postgres.url);
  made.hostname = host;
  made.search = parameters;
  return made.href;
}

/** Whether the session is encrypted, as the server sees it; or the code or words of the refusal. */
async function encrypted(databaseUrl: string): Promise<boolean | string> {
  const client = newClient({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return rows[0].ssl;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code ?? message;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function setting(sql: string): Promise<void> {
  const client = newClient({ connectionString: postgres.url });
  await client.connect();
  await client.query(sql);
  await client.query('select pg_reload_conf()');
  await client.end();
}

function refusalOf(databaseUrl: string): Promise<string> {
  return checkDatabaseUrl(databaseUrl).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

describe('TLS to Postgres', () => {
  test('is not left out where the server has none', async () => {
    expect(await encrypted(url('127.0.0.1', 'sslmode=disable'))).toBe(false);
    const required = url('127.0.0.1', 'sslmode=require');
    expect(await encrypted(required)).toBe('The server does not support SSL connections');
    expect(await refusalOf(required)).toMatch(/^DATABASE_URL: 127.0.0.1:\d+ has no TLS: turn it on there/);
  });

  describe('where the server has it', () => {
    beforeAll(async () => {
      const cluster = join(folder, 'data', 'postgres');
      const { uid, gid } = statSync(cluster);
      const files = ours.issue('localhost', 'DNS:localhost');
      for (const [from, name] of [
        [files.cert, 'server.crt'],
        [files.key, 'server.key'],
        [ours.ca, 'clients.crt'],
      ] as const) {
        copyFileSync(from, join(cluster, name));
        chownSync(join(cluster, name), uid, gid);
      }
      await setting("alter system set ssl_ca_file = 'clients.crt'");
      await setting('alter system set ssl = on');
      // A reload takes effect a moment later.
      for (let tries = 0; (await encrypted(url('localhost', 'sslmode=require'))) !== true && tries < 1000; tries++) {
        await sleep(50);
      }
    });

    test.each([
      ['localhost', 'sslmode=disable', false],
      ['localhost', 'sslmode=require', true],
      ['127.0.0.1', 'sslmode=require', true],
      ['127.0.0.1', 'sslmode=require&sslrootcert=OURS', true],
      ['127.0.0.1', 'sslmode=require&sslrootcert=OTHER', 'SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['127.0.0.1', 'sslmode=verify-ca&sslrootcert=OURS', true],
      ['localhost', 'sslmode=verify-ca&sslrootcert=OTHER', 'SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['localhost', 'sslmode=verify-full&sslrootcert=OURS', true],
      ['127.0.0.1', 'sslmode=verify-full&sslrootcert=OURS', 'ERR_TLS_CERT_ALTNAME_INVALID'],
      [
        'localhost',
        'sslmode=verify-full&sslrootcert=OTHER',
        'SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      ],
      ['localhost', 'sslrootcert=system', 'SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ] as const)('to %s with %s: %s', async (host, parameters, expected) => {
      const asked = url(host, parameters.replace('OURS', ours.ca).replace('OTHER', other.ca));
      expect(String(await encrypted(asked))).toMatch(new RegExp(`^(${expected})$`));
    });

    test('a wrong authority and a wrong name are told in one line', async () => {
      for (const asked of [
        url('localhost', `sslmode=verify-full&sslrootcert=${other.ca}`),
        url('127.0.0.1', `sslmode=verify-full&sslrootcert=${ours.ca}`),
      ]) {
        expect(await refusalOf(asked)).toMatch(
          /^DATABASE_URL: .* do not trust each other's certificate \(.*correct.*\.$/,
        );
      }
      await expect(
        checkDatabaseUrl(url('localhost', `sslmode=verify-full&sslrootcert=${ours.ca}`)),
      ).resolves.toBeUndefined();
    });

    test("Heddle's own certificate opens a server that asks for one, and nothing else does", async () => {
      writeFileSync(
        join(folder, 'data', 'postgres', 'pg_hba.conf'),
        'hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n',
      );
      process.kill(postgres.pid, 'SIGHUP');
      const trusting = `sslmode=verify-full&sslrootcert=${ours.ca}`;
      const as = ({ cert, key }: CertificateFiles) => url('localhost', `${trusting}&sslcert=${cert}&sslkey=${key}`);
      for (let tries = 0; (await encrypted(url('localhost', trusting))) === true && tries < 1000; tries++) {
        await sleep(50);
      }
      expect(await encrypted(url('localhost', trusting))).toBe('28000');
      expect(await encrypted(as(ours.issue('heddle', 'DNS:heddle')))).toBe(true);
      expect(await refusalOf(as(other.issue('heddle', 'DNS:heddle')))).toMatch(/certificate/);
      expect(await refusalOf(url('127.0.0.1', 'sslmode=disable'))).toMatch(
        /takes no connection without TLS: add sslmode=verify-full/,
      );
    });
  });
});
