import type { Socket } from 'node:net';
import pg from 'pg';
import { StartupError } from '../settings/startup-error.js';
import { takeTls } from './tls.js';

export type ClientConfig = pg.ClientConfig & { pipeline?: boolean };

/** Who answered instead of the Postgres that was meant. No password was sent, and the connection is closed. */
export class UnprovenServerError extends Error {
  override name = 'UnprovenServerError';
}

/** libpq's name and value: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH */
export const REQUIRE_SCRAM = 'require_auth=scram-sha-256';

interface Protocol {
  readonly stream: Socket;
  /** Sends the PasswordMessage, in clear text or as MD5. SCRAM has messages of its own. */
  password(text: string): void;
  on(event: string, listener: (...args: unknown[]) => void): void;
  emit(event: 'error', error: Error): void;
}

/** What the URL asks for. Throws StartupError for another value than scram-sha-256: to ignore it would be to weaken it. */
function mustProveItself(url: string): boolean {
  const values = new URL(url).searchParams.getAll('require_auth');
  const other = values.find((value) => value !== 'scram-sha-256');
  if (other !== undefined) {
    throw new StartupError(
      `The database URL asks for require_auth=${other}: set ${REQUIRE_SCRAM}, the only one that Heddle knows, or leave it out.`,
    );
  }
  return values.length > 0;
}

/**
 * Node-postgres answers whatever a server asks for, and takes a server at its word that says "come in". With SCRAM
 * (RFC 5802) the password never leaves, and the server's signature shows that it knows it too: node-postgres compares
 * the signature where the server sends one (SASLFinal); that it was sent, and matched, is seen to here.
 */
function insistOnScram(client: pg.Client): void {
  const { connection: protocol, host, port } = client as pg.Client & { connection: Protocol };
  let signed = false;
  let failed = false;
  const refuse = (why: string) => {
    if (failed) return;
    protocol.emit(
      'error',
      new UnprovenServerError(
        `What listens on ${host}:${port} ${why}, so it may be another program than our Postgres: no password was sent. Find that program (ss -ltnp), and end it.`,
      ),
    );
  };
  protocol.password = () => refuse('asks for the password itself instead of SCRAM-SHA-256');
  // Before connect(), so ahead of node-postgres's own listeners.
  protocol.on('error', () => {
    failed = true;
    protocol.stream.destroy();
  });
  protocol.on('authenticationSASLFinal', () => {
    signed = true;
  });
  for (const event of ['authenticationOk', 'readyForQuery']) {
    protocol.on(event, () => {
      if (!signed) refuse('does not prove that it knows the password');
    });
  }
}

/**
 * Every client of the product, not yet connected. Where the URL carries `require_auth=scram-sha-256`, as that of the
 * embedded Postgres does, a server that has not proved by SCRAM that it knows the password gets neither the password
 * nor a statement: `connect()` rejects with UnprovenServerError. Any local user can listen on the embedded Postgres's
 * port while it is down. TLS is as the URL's `sslmode` and its like ask for it (takeTls).
 */
export function newClient(config: ClientConfig & { connectionString: string }): pg.Client {
  const { url, tls } = takeTls(config.connectionString);
  const client = new pg.Client({ ...config, connectionString: url, ssl: tls });
  if (mustProveItself(url)) insistOnScram(client);
  return client;
}
