import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { makeCluster } from './kafkajs-cluster.js';

describe('connections of kafkajs', () => {
  let server: Server;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    server = createServer((socket) => void sockets.push(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  interface Pooled {
    brokerPool: { seedBroker: { connectionPool: { getConnection(index?: number): Promise<unknown> } } };
  }

  async function poolOf(config: { ssl?: { ca: string[] } } = {}) {
    const { port } = server.address() as AddressInfo;
    const cluster = makeCluster({ brokers: [`127.0.0.1:${port}`], connectionTimeout: 300, ...config });
    const { brokerPool } = cluster as unknown as Pooled & {
      brokerPool: { createSeedBroker(): Promise<void> };
    };
    await brokerPool.createSeedBroker();
    return { cluster, pool: brokerPool.seedBroker.connectionPool };
  }

  it('are opened once for requests that come together', async () => {
    const { cluster, pool } = await poolOf();
    const found = await Promise.all(Array.from({ length: 20 }, () => pool.getConnection(1)));
    expect(new Set(found).size).toBe(1);
    expect(sockets).toHaveLength(1);
    await cluster.disconnect();
  });

  it('fail in time where the other side hangs up in the middle of a handshake, and are tried again', async () => {
    server.on('connection', (socket) => socket.once('data', () => socket.end()));
    const { pool } = await poolOf({ ssl: { ca: [] } });
    for (let n = 1; n <= 2; n++) {
      await expect(Promise.all([pool.getConnection(1), pool.getConnection(1)])).rejects.toThrow();
      expect(sockets).toHaveLength(n);
    }
  });
});
