import { createRequire } from 'node:module';

interface Connection {
  isConnected(): boolean;
  connect(): Promise<unknown>;
}

interface ConnectionPool {
  host: string;
  port: number;
  /** ms */
  connectionTimeout: number;
  pool: Connection[];
  getConnection(index?: number): Promise<Connection>;
}

/** Beyond kafkajs's own bound, which it forgets where a peer hangs up in the middle of the TLS handshake. */
const GRACE_MS = 1000;
const require = createRequire(import.meta.url);
let isMended = false;

/**
 * kafkajs 2.2.4 opens a socket for each of several requests that find a connection closed, keeps the last one, and never
 * closes the others. With this they wait for one, and none waits for ever.
 */
export function openConnectionsOnce(): void {
  if (isMended) return;
  isMended = true;
  const { prototype } = require('kafkajs/src/network/connectionPool') as { prototype: ConnectionPool };
  const opening = new WeakMap<Connection, Promise<unknown>>();
  prototype.getConnection = async function (this: ConnectionPool, index = 0) {
    const connection = this.pool[index]!;
    if (!connection.isConnected()) {
      let opened = opening.get(connection);
      if (opened === undefined) {
        opened = openIn(connection, this).finally(() => opening.delete(connection));
        opening.set(connection, opened);
      }
      await opened;
    }
    return connection;
  };
}

function openIn(connection: Connection, { host, port, connectionTimeout }: ConnectionPool): Promise<unknown> {
  const { KafkaJSConnectionError } = require('kafkajs/src/errors') as {
    KafkaJSConnectionError: new (message: string, of: { broker: string }) => Error;
  };
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new KafkaJSConnectionError('Connection timeout', { broker: `${host}:${port}` })),
    connectionTimeout + GRACE_MS,
  );
  return Promise.race([connection.connect(), late]).finally(() => clearTimeout(timer));
}
