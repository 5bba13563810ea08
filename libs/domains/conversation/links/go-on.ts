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

function isMerged({ status, body }: Reply): boolean {
  return status === 422 && typeof body === 'string' && JSON.parse(body).code === 'conversation_merged';
}
