/**
 * A receiver of ten lines, for endpoints that have a header with the hex signature of the body. It knows neither when a
 * webhook was sent nor which one it is: whoever writes a new receiver takes receiver.ts.
 *
 *     PORT=3000 WEBHOOK_KEY=whsec_… node hex-receiver.ts
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const { PORT = '3000', WEBHOOK_KEY = '', SIGNATURE_HEADER = 'x-signature' } = process.env;

function isOurs(payload: Buffer, signature: string, secret: string): boolean {
  const expected = Buffer.from(createHmac('sha256', secret).update(payload).digest('hex'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const payload = Buffer.concat(chunks);
  const ours = isOurs(payload, String(request.headers[SIGNATURE_HEADER]), WEBHOOK_KEY);
  if (ours) console.log(`${request.headers['webhook-id']} ${JSON.parse(payload.toString()).type}`);
  response.writeHead(ours ? 204 : 401).end();
});
server.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on ${address !== null && typeof address === 'object' ? address.port : PORT}`);
});
