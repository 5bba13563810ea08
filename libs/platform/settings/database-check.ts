import { newClient } from '../postgres/client.js';
import { SettingsError } from './setting.js';
import { tlsTrouble } from './tls-trouble.js';

const OLDEST_MAJOR = 15;
const CONNECT_MS = 5_000;
/** Node-postgres, where the server answers the SSLRequest with N. */
const NO_TLS = 'The server does not support SSL connections';

function cause(error: NodeJS.ErrnoException, url: URL): string {
  const place = `${url.hostname}:${url.port || 5432}`;
  const database = decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username);
  if (tlsTrouble(error) === 'certificate') {
    return `${place} and Heddle do not trust each other's certificate (${error.message}): correct sslrootcert, the host's name, or sslcert and sslkey`;
  }
  if (error.message === NO_TLS) return `${place} has no TLS: turn it on there (ssl = on), or set sslmode=disable`;
  if (error.code === '28000' && error.message.includes('no encryption')) {
    return `${place} takes no connection without TLS: add sslmode=verify-full&sslrootcert=<path>`;
  }
  switch (error.code) {
    case 'ECONNREFUSED':
      return `nothing listens on ${place}: start that Postgres, or correct the host and port`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host ${url.hostname} is not known: correct its name`;
    case '28P01':
    case '28000':
      return `${place} refuses the user "${decodeURIComponent(url.username)}": correct the user and password (${error.message})`;
    case '3D000':
      return `${place} has no database "${database}": create it (createdb), or correct the name`;
    default:
      return `${place} cannot be used: ${error.message.split('\n')[0] || error.code}`;
  }
}

/** Connects once to the Postgres of DATABASE_URL. Throws SettingsError, without the password, unless it is 15 or newer. */
export async function checkDatabaseUrl(databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl);
  const client = newClient({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => {});
  let version: number;
  try {
    await client.connect();
    const result = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    version = result.rows[0]!.version;
  } catch (error) {
    const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
    throw new SettingsError(`DATABASE_URL: ${cause(first as NodeJS.ErrnoException, url)}.`);
  } finally {
    await client.end().catch(() => {});
  }
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_MAJOR) {
    throw new SettingsError(
      `DATABASE_URL: ${url.hostname}:${url.port || 5432} is Postgres ${major}, Heddle needs ${OLDEST_MAJOR} or newer: upgrade it, or unset DATABASE_URL and use the embedded one.`,
    );
  }
}
