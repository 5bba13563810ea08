import type { WriteShell } from '../../../platform/commands/write-shell.js';
import { type Caller, systemCaller } from '../../../platform/operations/caller.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { endpointAggregate } from '../endpoints/endpoint.aggregate.js';
import type { EndpointCommand, LaneMessage } from '../endpoints/endpoint.commands.js';

/** A lane that waits for somebody, as its row has it. */
export interface ParkedLane extends LaneMessage {
  workspace: string;
  endpoint: string;
  attempts: number;
  /** When its message had its last attempt, µs: a message that is resumed and parked again is parked another time. */
  parkedAt: number;
  status: number | null;
  cause: string;
}

/**
 * Puts it on the log that a lane is parked, once for each time that it is, whoever says so: the owner of its endpoint's lease, or a
 * request that decides of the lane before its owner came to tell.
 */
export function tellParked(shell: Pick<WriteShell, 'execute'>, lane: ParkedLane): Promise<Reply> {
  const { endpoint, workspace, attempts, status, cause } = lane;
  const caller: Caller = {
    ...systemCaller(workspace, 'webhook_delivery', []),
    idempotency: { key: `${parkingOf(lane)} told`, fingerprint: '' },
  };
  return onEndpoint(shell, endpoint, caller, { type: 'tell_parked', message: lane, attempts, status, cause });
}

/**
 * Puts the decision on the log. There is one for each time that a lane is parked, by the key: it is made by whoever comes first, and
 * whoever decides the same again is answered the same. Throws `idempotency_key_reused` where the other was decided.
 */
export function decideLane(
  shell: Pick<WriteShell, 'execute'>,
  caller: Caller,
  lane: ParkedLane,
  type: 'resume_lane' | 'skip_lane',
): Promise<Reply> {
  const decided: Caller = { ...caller, idempotency: { key: `${parkingOf(lane)} decided`, fingerprint: type } };
  return onEndpoint(shell, lane.endpoint, decided, { type, message: lane });
}

function parkingOf({ endpoint, run, eventPosition, parkedAt }: ParkedLane): string {
  return `lane of ${endpoint} ${run} ${eventPosition} parked ${parkedAt}`;
}

function onEndpoint(
  shell: Pick<WriteShell, 'execute'>,
  endpoint: string,
  caller: Caller,
  command: EndpointCommand,
): Promise<Reply> {
  return shell.execute({
    aggregate: endpointAggregate,
    caller,
    workspace: caller.workspace,
    stream: endpoint,
    command,
    respond: () => ({ status: 200, body: {} }),
  });
}
