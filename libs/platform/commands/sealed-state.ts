import { seal, unseal } from '../keys/aes-gcm.js';
import type { DataKey } from '../keys/data-key.js';
import { BrokenKeyError, PersonErasedError } from '../keys/key-errors.js';

/** A state that names a person, before their key has been loaded. */
export interface SealedState {
  sealed: Buffer;
}

/** No JSON begins like this. */
const SEALED = 'sealed:';

export function isSealedState(state: object): state is SealedState {
  return 'sealed' in state && Buffer.isBuffer(state.sealed);
}

/** For the state of a person whose key is gone: it opens for nobody. */
export const UNREADABLE_STATE = SEALED;

/** A state as `log.streams` keeps it: sealed, or JSON. */
export function parseState(text: string): object | SealedState {
  if (!text.startsWith(SEALED)) return JSON.parse(text) as object;
  return { sealed: Buffer.from(text.slice(SEALED.length), 'base64') };
}

/** A person's folded state, sealed with their key for `log.streams`. */
export function sealState(key: DataKey, workspace: string, state: object): string {
  if (key.key === null) throw new PersonErasedError(key.subject);
  return SEALED + seal(key.key, JSON.stringify(state), boundTo(workspace, key.subject)).toString('base64');
}

/** Throws `PersonErasedError`, and `BrokenKeyError` for a state that was not sealed for this person. */
export function openState(key: DataKey, workspace: string, { sealed }: SealedState): object {
  if (key.key === null) throw new PersonErasedError(key.subject);
  const plain = unseal(key.key, sealed, boundTo(workspace, key.subject));
  if (plain === null) throw new BrokenKeyError(key.id.toString('hex'));
  return JSON.parse(plain.toString('utf8')) as object;
}

function boundTo(workspace: string, subject: string): Buffer {
  return Buffer.from(`state of ${subject} in ${workspace}`);
}
