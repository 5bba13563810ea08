import { Inject } from '@nestjs/common';
import { newId, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { customerAggregate } from '../customer.aggregate.js';
import type { ChangeIdentity, CustomerCommand } from '../customer.commands.js';
import { CustomerQueries } from '../customer.queries.js';
import { identityClaim } from './identity.js';
import {
  addIdentity,
  preferIdentity,
  removeIdentity,
  unverifyIdentity,
  verifyIdentity,
} from './identity.operations.js';
import { holderOf } from './identity.queries.js';
import { identityNamed } from './identity-input.js';

@OperationController()
export class IdentityController {
  private readonly queries: CustomerQueries;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new CustomerQueries(ports.reads);
  }

  @Handles(addIdentity)
  async add({ params, body }: InputOf<typeof addIdentity>, caller: Caller): Promise<Reply> {
    const name = identityNamed(body.identity);
    const { verified, primary } = body.identity;
    const { survivor, ids, survivorMergedInto } = await this.queries.joined(caller.workspace!, params.id);
    const id = newId('idn');
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: survivor,
      claims: [identityClaim(name)],
      toleratesTaken: true,
      command: ({ stream, taken }): CustomerCommand => {
        const uuid = taken.get(0);
        const owner = uuid === undefined ? null : toId('cus', uuid);
        if (owner !== null && owner !== stream && ids.includes(owner)) {
          throw new Problem('already_identified', `${owner}, who is read as ${stream}, has this identity already.`);
        }
        const takenBy = owner === stream ? null : owner;
        const identity = { ...name, id, verified, primary, takenBy };
        return { type: 'add_identity', customer: stream, identity, despiteMergeInto: survivorMergedInto };
      },
      respond: ({ stream }) => ({ status: 201, body: { id, customer_id: stream } }),
    });
  }

  @Handles(verifyIdentity)
  verify(input: InputOf<typeof verifyIdentity>, caller: Caller): Promise<Reply> {
    return this.change('verify_identity', input, caller);
  }

  @Handles(unverifyIdentity)
  unverify(input: InputOf<typeof unverifyIdentity>, caller: Caller): Promise<Reply> {
    return this.change('unverify_identity', input, caller);
  }

  @Handles(preferIdentity)
  prefer(input: InputOf<typeof preferIdentity>, caller: Caller): Promise<Reply> {
    return this.change('prefer_identity', input, caller);
  }

  @Handles(removeIdentity)
  remove(input: InputOf<typeof removeIdentity>, caller: Caller): Promise<Reply> {
    return this.change('remove_identity', input, caller);
  }

  /** On the stream of whoever has it, of all who are read as the customer. */
  private async change(
    type: ChangeIdentity['type'],
    { params, body }: InputOf<typeof verifyIdentity>,
    caller: Caller,
  ): Promise<Reply> {
    const { survivor, ids } = await this.queries.joined(caller.workspace!, params.id);
    const holder = await holderOf(this.ports.reads, caller.workspace!, ids, body.identity_id);
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: holder ?? survivor,
      command: { type, identity: body.identity_id },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }
}
