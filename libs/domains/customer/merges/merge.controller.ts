import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { customerAggregate } from '../customer.aggregate.js';
import { customerRulesOf } from '../rules/customer-rules.queries.js';
import { joinedCustomers } from './joined-customers.js';
import { mergeCustomer, unmergeCustomer } from './merge.operations.js';

const HOUR_MS = 3_600_000;

@OperationController()
export class MergeController {
  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  @Handles(mergeCustomer)
  async merge({ params, body }: InputOf<typeof mergeCustomer>, caller: Caller): Promise<Reply> {
    const { reads, shell } = this.ports;
    const [{ survivor: into }, { merge_undo_hours }] = await Promise.all([
      joinedCustomers(reads, caller.workspace!, body.into_id),
      customerRulesOf(reads, caller.workspace!),
    ]);
    const undoUntil = Date.now() + merge_undo_hours * HOUR_MS;
    return shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      references: [into],
      command: { type: 'merge', customer: params.id, into, undoUntil },
      respond: ({ stream }) => ({
        status: 200,
        body: { id: stream, into_id: into, undo_until: new Date(undoUntil).toISOString() },
      }),
    });
  }

  @Handles(unmergeCustomer)
  unmerge({ params }: InputOf<typeof unmergeCustomer>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: { type: 'unmerge', now: Date.now() },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }
}
