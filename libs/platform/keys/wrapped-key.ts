import { seal, unseal } from './aes-gcm.js';
import { netstring } from './netstring.js';
import type { WorkspaceKey } from './workspace-key.js';

/** A data key as it is stored: sealed with its workspace's key, and bound to its id and its person. */
export function wrap(workspace: WorkspaceKey, id: Buffer, subject: string, key: Buffer): Buffer {
  return seal(workspace.wrapping, key, boundTo(workspace, id, subject));
}

/** The 32 bytes of a data key; null when it was not wrapped for this workspace, id and person. */
export function unwrap(workspace: WorkspaceKey, id: Buffer, subject: string, wrapped: Buffer): Buffer | null {
  return unseal(workspace.wrapping, wrapped, boundTo(workspace, id, subject));
}

function boundTo(workspace: WorkspaceKey, id: Buffer, subject: string): Buffer {
  return Buffer.from(netstring(workspace.workspace) + netstring(subject) + netstring(id.toString('hex')));
}
