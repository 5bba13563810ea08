import type { Caller } from '../../../platform/operations/caller.js';
import type { Reply } from '../../../platform/operations/reply.js';
import type { LinkQueries, MergeTarget } from './link.queries.js';

/**
 * Does something to a conversation, and where that was merged, to the one in which it goes on. What was not merged pays
 * nothing for it: only the refusal, which is not kept for retries, leads to a look at the merges.
 * `passed` are all conversations on the way; none at first.
 */
export async function goingOn(
  queries: LinkQueries,
  id: string,
  caller: Caller,
  act: (target: MergeTarget, caller: Caller, passed: readonly string[]) => Promise<Reply>,
): Promise<Reply> {
  const reply = await act({ id, despite: null }, caller, []);
  if (!isMerged(reply)) return reply;
  const { target, passed } = await queries.way(caller.workspace!, id);
  // The version that the caller knows is of the conversation that was merged.
  return act(target, target.id === id ? caller : { ...caller, ifMatch: null }, passed);
}

/**
 * Does something to what a conversation itself has. Where that was merged it is refused, but for the one in which merges
 * that lead round go on: there it is done in spite of its own.
 */
export async function stayingOn(
  queries: LinkQueries,
  id: string,
  { workspace }: Caller,
  act: (despite: string | null) => Promise<Reply>,
): Promise<Reply> {
  const reply = await act(null);
  if (!isMerged(reply)) return reply;
  const target = await queries.target(workspace!, id);
  return target.id === id ? act(target.despite) : reply;
}

function isMerged({ status, body }: Reply): boolean {
  return status === 422 && typeof body === 'string' && JSON.parse(body).code === 'conversation_merged';
}
