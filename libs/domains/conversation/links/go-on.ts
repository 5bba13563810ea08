import type { Caller } from '../../../platform/operations/caller.js';
import type { Reply } from '../../../platform/operations/reply.js';
import type { LinkQueries, MergeTarget } from './link.queries.js';

/**
 * Does something to a conversation, and where that was merged, to the one in which it goes on. What was not merged pays
 * nothing for it: only the refusal, which is not kept for retries, leads to a look at the merges.
 */
export async function goingOn(
  queries: LinkQueries,
  id: string,
  caller: Caller,
  act: (target: MergeTarget, caller: Caller) => Promise<Reply>,
): Promise<Reply> {
  const reply = await act({ id, despite: null }, caller);
  if (!isMerged(reply)) return reply;
  // The version that the caller knows is of the conversation that was merged.
  return act(await queries.target(caller.workspace!, id), { ...caller, ifMatch: null });
}

function isMerged({ status, body }: Reply): boolean {
  return status === 422 && typeof body === 'string' && JSON.parse(body).code === 'conversation_merged';
}
