import type { KeyObject } from 'node:crypto';
import { seal, unseal } from '../keys/aes-gcm.js';
import { BrokenKeyError } from '../keys/key-errors.js';

/** A stored answer that holds a secret, sealed with the workspace's key for answers and bound to the request's key. */
export function sealAnswer(answering: KeyObject, boundToKey: string, text: string): Buffer {
  return seal(answering, text, boundTo(boundToKey));
}

export function openAnswer(answering: KeyObject, boundToKey: string, sealed: Buffer): string {
  const plain = unseal(answering, sealed, boundTo(boundToKey));
  if (plain === null) throw new BrokenKeyError(boundToKey);
  return plain.toString('utf8');
}

function boundTo(key: string): Buffer {
  return Buffer.from(`answer to ${key}`);
}
