/**
 * Takes webhooks: verifies each with the library of Standard Webhooks, keeps it once, and answers 204.
 *
 *     npm install standardwebhooks
 *     PORT=3000 WEBHOOK_KEY=whsec_… node receiver.ts
 *
 * WEBHOOK_KEY is the endpoint's secret, or its public key (whpk_…) where it signs with `v1a`.
 */
import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';

const { PORT = '3000', WEBHOOK_KEY = '' } = process.env;
const TOLERANCE_S = 5 * 60;

/** Throws where the body is not what was signed, or was signed long ago. The body is the bytes as they came. */
const check = WEBHOOK_KEY.startsWith('whpk_') ? byPublicKey(WEBHOOK_KEY) : bySecret(WEBHOOK_KEY);

function bySecret(secret: string) {
  const webhook = new Webhook(secret);
  return (body: Buffer, headers: IncomingHttpHeaders) => {
    webhook.verify(body, headers as Record<string, string>);
  };
}

/** The library knows secrets only; this is the rest of the specification. */
function byPublicKey(text: string) {
  const x = Buffer.from(text.slice('whpk_'.length), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return (body: Buffer, headers: IncomingHttpHeaders) => {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
    if (!(Math.abs(Date.now() / 1000 - Number(time)) <= TOLERANCE_S)) throw new Error('signed long ago');
    const signed = Buffer.concat([Buffer.from(`${id}.${time}.`), body]);
    const ours = String(signatures)
      .split(' ')
      .filter((one) => one.startsWith('v1a,'))
      .some((one) => verify(null, signed, key, Buffer.from(one.slice('v1a,'.length), 'base64')));
    if (!ours) throw new Error('no signature fits');
  };
}

/** In your program a table with a unique column, written in the transaction that does the work or queues it. */
const taken = new Set<string>();

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  try {
    check(body, request.headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  const id = String(request.headers['webhook-id']);
  if (!taken.has(id)) {
    taken.add(id);
    const event = JSON.parse(body.toString());
    console.log(`${id} ${event.type}`);
  }
  response.writeHead(204).end();
});
server.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on ${address !== null && typeof address === 'object' ? address.port : PORT}`);
});
