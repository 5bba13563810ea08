import type { KeyObject } from 'node:crypto';
import { seal, unseal } from '../keys/aes-gcm.js';
import type { DataKey } from '../keys/data-key.js';
import { BrokenKeyError, PersonErasedError } from '../keys/key-errors.js';

/** A person's folded state, sealed with their key for `log.streams`. */
export function sealState(key: DataKey, workspace: string, state: object): Buffer {
  if (key.key === null) throw new PersonErasedError(key.subject);
  return seal(key.key, JSON.stringify(state), boundTo(workspace, key.subject));
}

/** Throws `PersonErasedError`, and `BrokenKeyError` for a state that was not sealed for this person. */
export function openState(key: DataKey, workspace: string, sealed: Buffer): object {
  if (key.key === null) throw new PersonErasedError(key.subject);
  const plain = unseal(key.key, sealed, boundTo(workspace, key.subject));
  if (plain === null) throw new BrokenKeyError(key.id.toString('hex'));
  return JSON.parse(plain.toString('utf8')) as object;
}

function boundTo(workspace: string, subject: string): Buffer {
  return Buffer.from(`state of ${subject} in ${workspace}`);
}

/** A stored answer that holds a secret, sealed with the workspace's key for answers and bound to the request's key. */
export function sealText(answering: KeyObject, boundToKey: string, text: string): Buffer {
  return seal(answering, text, Buffer.from(`answer to ${boundToKey}`));
}

export function openText(answering: KeyObject, boundToKey: string, sealed: Buffer): string {
  const plain = unseal(answering, sealed, Buffer.from(`answer to ${boundToKey}`));
  if (plain === null) throw new BrokenKeyError(boundToKey);
  return plain.toString('utf8');
}
