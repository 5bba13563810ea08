import { hash } from 'node:crypto';
import { claimHash, type WorkspaceKey } from '../../../platform/keys/workspace-key.js';

const secrets = new WeakMap<WorkspaceKey, string>();

/**
 * By what an activity is known again, 32 hex digits: of its source and its sender's id, the same in every process, and
 * nobody without the workspace's key can tell which they are. A prefix is enough of a MAC here, for it is of fixed length
 * and the digest is cut; an Hmac of node:crypto takes four times as long.
 */
export function activityKey(key: WorkspaceKey, source: string, id: string): string {
  let secret = secrets.get(key);
  if (secret === undefined) {
    secret = claimHash(key, 'activity', '', '').toString('hex');
    secrets.set(key, secret);
  }
  return hash('sha256', secret + JSON.stringify([source, id]), 'hex').slice(0, 32);
}

/** The same of what has no id of its own, by its place in a topic: 32 hex digits. */
export function placeKey(key: WorkspaceKey, place: string): string {
  return claimHash(key, 'activity_place', '', place).toString('hex');
}
