import { seal, unseal } from '../keys/aes-gcm.js';
import { BrokenKeyError } from '../keys/key-errors.js';
import type { AnyRequest, Pending } from './pending.js';

/**
 * Whether what is kept of a request's answer is sealed with the workspace's key for answers, whatever its status: who
 * seals and who opens must not differ, and whoever prepares the request must have that key.
 */
export function isKeptSealed({ secretResponse }: AnyRequest): boolean {
  return secretResponse === true;
}

/** An answer as the store keeps it for retries. A sealed one is bound to its request's key. */
export function answerToKeep({ request, workspaceKey, idempotency }: Pending, text: string): Buffer {
  if (!isKeptSealed(request)) return Buffer.from(text);
  return seal(workspaceKey!.answering, text, boundTo(idempotency!.key));
}

/** The answer that `answerToKeep` made those bytes of. */
export function keptAnswer({ request, workspaceKey, idempotency }: Pending, kept: Buffer): string {
  if (!isKeptSealed(request)) return kept.toString('utf8');
  const text = unseal(workspaceKey!.answering, kept, boundTo(idempotency!.key));
  if (text === null) throw new BrokenKeyError(idempotency!.key);
  return text.toString('utf8');
}

function boundTo(key: string): Buffer {
  return Buffer.from(`answer to ${key}`);
}
