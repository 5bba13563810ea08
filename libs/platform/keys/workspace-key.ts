import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** A workspace's key, as the keys that are drawn from it: one for each use. */
export interface WorkspaceKey {
  /** The workspace's uuid in 32 hex digits. */
  workspace: string;
  /** Wraps the workspace's data keys (AES-256-GCM); 32 bytes. */
  wrapping: KeyObject;
  /** Hashes the names that may be given once (HMAC-SHA-256); 32 bytes. */
  claiming: KeyObject;
  /** Seals stored answers that hold a secret (AES-256-GCM); 32 bytes. */
  answering: KeyObject;
  /** Seals what was sent and could not be taken (AES-256-GCM); 32 bytes. */
  settingAside: KeyObject;
  /** Seals the secrets of the endpoints that events are sent to (AES-256-GCM); 32 bytes. */
  webhookSecrets: KeyObject;
}

/** Draws the keys by HKDF-SHA-256 (RFC 5869) from the 32 random bytes that are stored. */
export function workspaceKeyFrom(workspace: string, secret: Buffer): WorkspaceKey {
  const draw = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, workspace, `heddle ${use}`, 32)));
  return {
    workspace,
    wrapping: draw('wrapping'),
    claiming: draw('claiming'),
    answering: draw('answering'),
    settingAside: draw('setting aside'),
    webhookSecrets: draw('webhook secrets'),
  };
}

/**
 * The 16 bytes under which a name is claimed, such as the external id of a customer: the same in every process, and
 * nobody without the workspace's key can tell which name they stand for, or try names out. `scope` bounds where the
 * name is unique (the empty text for the workspace, or a conversation's id).
 */
export function claimHash(key: WorkspaceKey, kind: string, scope: string, value: string): Buffer {
  const framed = JSON.stringify([kind, scope, value]);
  return createHmac('sha256', key.claiming).update(framed, 'utf8').digest().subarray(0, 16);
}
