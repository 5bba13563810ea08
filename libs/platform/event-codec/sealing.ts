import type { KeyObject } from 'node:crypto';
import type { EventMeta } from '../kernel/event.js';
import { seal, unseal } from '../keys/aes-gcm.js';
import { netstring } from '../keys/netstring.js';

/**
 * What a sealed value is bound to (the additional data of its AES-256-GCM), but for the field: the workspace, the
 * person and the event, each framed as a netstring, in UTF-8. The whole envelope would not do: it may grow.
 */
export function sealedFor(meta: EventMeta, subject: string): string {
  return netstring(meta.workspace) + netstring(subject) + netstring(meta.id);
}

/** `field` is the field's netstring, which is the same for every event of a type. */
export function sealText(key: KeyObject, text: string, boundTo: string, field: string): Buffer {
  return seal(key, text, Buffer.from(boundTo + field));
}

/** The text; null when key, event, field or ciphertext is not the one. */
export function unsealText(key: KeyObject, ciphertext: Buffer, boundTo: string, field: string): string | null {
  const plain = unseal(key, ciphertext, Buffer.from(boundTo + field));
  return plain === null ? null : plain.toString('utf8');
}
