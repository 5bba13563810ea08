import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { type Dispatcher, Pool } from 'undici';
import type { FloorRun } from './webhook-floor.js';

/**
 * The floor of webhooks: a bare loop that signs bodies as Standard Webhooks 1.0 has it and POSTs them over kept connections, by the
 * lowest call that undici has. No queue, no record, no retry. Forked by WebhookFloor.
 */
const key = createSecretKey(randomBytes(24));

async function run({ port, path, bodies, connections, seconds }: FloorRun): Promise<void> {
  const messages = bodies.map((text) => {
    const { id } = JSON.parse(text) as { id: string };
    return { id, body: Buffer.from(text) };
  });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
  const endsAt = performance.now() + seconds * 1000;
  let next = 0;

  const post = (answered: (error: Error | null) => void): void => {
    const { id, body } = messages[next++ % messages.length]!;
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    const headers = [
      ...['content-type', 'application/json', 'user-agent', 'floor'],
      ...['webhook-id', id, 'webhook-timestamp', String(timestamp), 'webhook-signature', `v1,${signature}`],
    ];
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: () => undefined,
      onResponseEnd: () => answered(null),
      onResponseError: (_, error) => answered(error),
    };
    pool.dispatch({ path, method: 'POST', headers, body }, handler);
  };

  const loop = () =>
    new Promise<void>((resolve, reject) => {
      const again = (error: Error | null): void => {
        if (error !== null) reject(error);
        else if (performance.now() < endsAt) post(again);
        else resolve();
      };
      again(null);
    });

  await Promise.all(Array.from({ length: connections }, loop));
  await pool.close();
}

process.on('message', async (order: FloorRun) => {
  try {
    await run(order);
    process.send!({});
  } catch (error) {
    process.send!({ error: (error as Error).message });
  }
});
process.on('disconnect', () => process.exit());
