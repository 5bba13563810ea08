import { type AddressInfo, createServer, type Server } from 'node:net';
import { AddressGuard } from './address-guard.js';
import { guardedConnector } from './guarded-connector.js';

let server: Server;
let connections = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

// Whoever calls it, and whatever was judged before: undici and the socket ask no look-up about an address.
test.each(['http:', 'https:'])(
  'an address that is written out is judged as it is connected to, by %s',
  async (protocol) => {
    const connect = guardedConnector(new AddressGuard({ networks: [], http: true }), null, 1000);
    const { port } = server.address() as AddressInfo;
    for (const hostname of ['127.0.0.1', '::ffff:127.0.0.1', '::1']) {
      const failure = await new Promise((resolve) => {
        connect({ hostname, protocol, port: String(port) }, (...[error]) => resolve(error));
      });
      expect(failure).toMatchObject({ error: 'address_refused' });
    }
    expect(connections).toBe(0);
  },
);
