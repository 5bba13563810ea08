import type { DomainEvent } from '../kernel/event.js';
import type { DataKey } from '../keys/data-key.js';
import type { WorkspaceKey } from '../keys/workspace-key.js';
import type { CommandSpan } from '../observability/traces.js';
import type { Reply } from '../operations/reply.js';
import type { CommandRequest } from './command.js';
import type { Head } from './heads.js';

/** Any request: the shell treats all aggregates alike. */
// biome-ignore lint/suspicious/noExplicitAny: each request is consistent in itself, and a queue holds all kinds.
export type AnyRequest = CommandRequest<any, any, DomainEvent<any, any>>;

/** A command on its way: first what was asked, then what was found for it. */
export interface Pending {
  request: AnyRequest;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
  /** Where its trace is recorded. */
  span: CommandSpan | null;
  /** As the store keeps them: keyed, so that nobody can try texts against them. In hex. */
  idempotency: { key: string; fingerprint: string } | null;
  /** How often it lost against a command of another process. */
  lost: number;

  // Found by `Preparation`.
  workspace: string;
  stream: string;
  command: unknown;
  head: Head | null;
  taken: Map<number, string>;
  /** Claims to take, as hashes, with the ones that lead to a new stream. */
  claims: Buffer[];
  /** The streams that have the names which were looked up, by the hash; undefined for free ones. All in hex. */
  owners: ReadonlyMap<string, string | undefined>;
  dataKey: DataKey | null;
  workspaceKey: WorkspaceKey | null;
}
