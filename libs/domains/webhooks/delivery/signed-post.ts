import type { KeyObject } from 'node:crypto';
import { newUuid } from '../../../platform/kernel/id.js';
import { sealBody } from '../bodies/sealed-body.js';
import type { KeptAnswer } from '../queue/attempt-rows.js';
import type { Answer } from '../sending/exchange.js';
import { heddleHeaders, inPairs } from '../sending/heddle-headers.js';
import type { Sender, Target } from '../sending/sender.js';
import { bodySignature, signatureHeader } from '../sending/signature.js';
import type { Sent } from './dispatcher.js';
import type { Due, Message, Outcome } from './due.js';
import { keptText, MOST_KEPT } from './kept-answer.js';

/** How an endpoint is reached, and what its messages are signed with. */
export interface Destination {
  endpoint: string;
  workspace: string;
  target: Target;
  /** Those that are good now: while a rotation overlaps, the former ones too. */
  keys(nowMs: number): { secret: readonly KeyObject[]; ed25519: readonly KeyObject[] };
  /** For older receivers: the header that has the hex HMAC of the body, and the secret's text. */
  bodySignature: { header: string; secret: string } | null;
  /** The endpoint's own, names and values in turn. */
  headers: readonly string[];
}

const GONE = 410;

/** Answers of which the whole endpoint is meant, and not the message. */
const OVERLOADED: ReadonlySet<number | null> = new Set([429, 503]);

/** Whether a receiver says that there is no endpoint any more (RFC 9110, section 15.5.11). */
export function isGone({ status, error }: { status: number | null; error: string | null }): boolean {
  return error === null && status === GONE;
}

/** Signs a message as Standard Webhooks 1.0 has it, and posts it, for a replay or for none. Never rejects. */
export async function signedPost(
  sender: Pick<Sender, 'post'>,
  destination: Destination,
  due: Due,
  message: Message,
  replay: string | null = null,
): Promise<Sent<KeptAnswer>> {
  const id = newUuid();
  const nowMs = Date.now();
  const answer = await sender.post(
    destination.target,
    headersOf(destination, due, message, nowMs, replay),
    message.body,
  );
  return { answer: keptOf(id, destination, due, message, nowMs, answer), outcome: outcomeOf(answer) };
}

export function headersOf(
  destination: Destination,
  due: Pick<Due, 'attempts'>,
  { id, body }: Pick<Message, 'id' | 'body'>,
  nowMs: number,
  replay: string | null = null,
): string[] {
  const timestamp = timestampOf(nowMs);
  const { endpoint, bodySignature: older } = destination;
  const signature = signatureHeader(id, timestamp, body, destination.keys(nowMs));
  const headers = heddleHeaders({ id, timestamp, signature, endpoint, attempt: due.attempts, replay });
  headers.push(...destination.headers);
  if (older !== null) headers.push(older.header, bodySignature(older.secret, body));
  return headers;
}

/** Of an attempt's headers those that may be shown: neither its signatures nor what is the endpoint's own. */
export function shownHeaders(
  { event_id, endpoint_id, number }: { event_id: string; endpoint_id: string; number: number },
  nowMs: number | null,
  replay: string | null = null,
): [name: string, value: string][] {
  const timestamp = nowMs === null ? null : timestampOf(nowMs);
  const said = { id: event_id, endpoint: endpoint_id, attempt: number, timestamp, signature: null, replay };
  return inPairs(heddleHeaders(said));
}

export function isTaken({ status, error }: Pick<Answer, 'status' | 'error'>): boolean {
  return error === null && status !== null && status >= 200 && status < 300;
}

function outcomeOf(answer: Answer): Outcome {
  if (isTaken(answer)) return { taken: true };
  const { status, retryAfterMs } = answer;
  return { taken: false, answered: status !== null, retryAfterMs, overloaded: OVERLOADED.has(status) };
}

function timestampOf(nowMs: number): number {
  return Math.floor(nowMs / 1000);
}

function keptOf(
  id: string,
  { workspace }: Destination,
  due: Due,
  message: Message,
  nowMs: number,
  answer: Answer,
): KeptAnswer {
  const { status, error, durationMs, body } = answer;
  const place = { workspace, position: due.position, pin: `answer ${id}` };
  // It may say again what it was sent, in its headers as well.
  const unsaid = message.people === null;
  const said = unsaid ? '' : body.toString('utf8', 0, MOST_KEPT);
  const headers = unsaid ? [] : answer.headers;
  const text = keptText(timestampOf(nowMs), { ...answer, headers }, said);
  const people = said === '' && headers.length === 0 ? [] : (message.people ?? []);
  const kept = sealBody(people, place, Buffer.from(text));
  return { id, durationMs: Math.round(durationMs), status, error, taken: isTaken(answer), kept };
}
