import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ranges from which kernels draw the ports of outgoing connections: a restart has to get the same one again. */
const PORTS = { from: 10_000, to: 20_000 };

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A TCP port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${PORTS.from} to ${PORTS.to} on 127.0.0.1`);
}
