import type { KeyObject } from 'node:crypto';
import { MOST_BODY_BYTES } from '../../../libs/domains/webhooks/sending/exchange.js';
import { heddleHeaders, inPairs } from '../../../libs/domains/webhooks/sending/heddle-headers.js';
import { signatureHeader } from '../../../libs/domains/webhooks/sending/signature.js';
import type { ForwardedEvent } from './event-line.js';

export interface Forwarding {
  to: string;
  secret: KeyObject;
  fetch: typeof fetch;
  sleep: (ms: number) => Promise<unknown>;
}

/** What became of an event. */
export interface Forwarded {
  /** Of the last answer, or why there was none. */
  status: string;
  taken: boolean;
  attempts: number;
  ms: number;
}

/** Before each further attempt, ms. Whoever waits for it sits before it. */
const PAUSES_MS = [250, 1000, 4000];
const WITHIN_MS = 15_000;

/** POSTs an event, signed as webhooks are, until it is taken or was tried often enough. */
export async function forwardEvent(event: ForwardedEvent, forwarding: Forwarding): Promise<Forwarded> {
  for (let attempts = 1; ; attempts++) {
    const began = performance.now();
    const status = await post(event, attempts, forwarding);
    const taken = /^2\d\d$/.test(status);
    const pauseMs = PAUSES_MS[attempts - 1];
    if (taken || pauseMs === undefined) return { status, taken, attempts, ms: Math.round(performance.now() - began) };
    await forwarding.sleep(pauseMs);
  }
}

async function post({ id, body }: ForwardedEvent, attempt: number, { to, secret, fetch }: Forwarding): Promise<string> {
  const timestamp = Math.floor(Date.now() / 1000);
  try {
    const signature = signatureHeader(id, timestamp, body, { secret: [secret], ed25519: [] });
    const headers = heddleHeaders({ id, timestamp, signature, endpoint: null, attempt, replay: null });
    const response = await fetch(to, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(WITHIN_MS),
      headers: inPairs(headers),
      body: new Uint8Array(body),
    });
    await readBeginning(response);
    return String(response.status);
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return name === 'TimeoutError' ? 'timeout' : (cause?.code ?? 'no answer');
  }
}

/** As much as webhooks read. What is read to its end leaves its connection to the next one; of the rest nothing is taken. */
async function readBeginning({ body }: Response): Promise<void> {
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) return;
  }
}
