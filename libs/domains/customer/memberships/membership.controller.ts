import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { customerAggregate } from '../customer.aggregate.js';
import type { ChangeMembership } from '../customer.commands.js';
import { joinedCustomers } from '../merges/joined-customers.js';
import {
  joinCompany,
  joinTenant,
  leaveCompany,
  leaveTenant,
  listCustomersOfCompany,
  listCustomersOfTenant,
} from './membership.operations.js';
import { MembershipQueries } from './membership.queries.js';

@OperationController()
export class MembershipController {
  private readonly memberships: MembershipQueries;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.memberships = new MembershipQueries(ports.reads);
  }

  @Handles(joinCompany)
  async joinCompany({ params, body }: InputOf<typeof joinCompany>, caller: Caller): Promise<Reply> {
    await this.memberships.requireInUse(caller.workspace!, 'com', body.company_id);
    return this.join(params.id, { type: 'join_company', of: body.company_id }, caller);
  }

  @Handles(leaveCompany)
  leaveCompany({ params, body }: InputOf<typeof leaveCompany>, caller: Caller): Promise<Reply> {
    return this.leave(params.id, { type: 'leave_company', of: body.company_id }, caller);
  }

  @Handles(joinTenant)
  async joinTenant({ params, body }: InputOf<typeof joinTenant>, caller: Caller): Promise<Reply> {
    await this.memberships.requireInUse(caller.workspace!, 'ten', body.tenant_id);
    return this.join(params.id, { type: 'join_tenant', of: body.tenant_id }, caller);
  }

  @Handles(leaveTenant)
  leaveTenant({ params, body }: InputOf<typeof leaveTenant>, caller: Caller): Promise<Reply> {
    return this.leave(params.id, { type: 'leave_tenant', of: body.tenant_id }, caller);
  }

  @Handles(listCustomersOfCompany)
  async ofCompany({ params, query }: InputOf<typeof listCustomersOfCompany>, caller: Caller): Promise<Reply> {
    return ok(await this.memberships.membersOf(caller.workspace!, 'com', params.id, query));
  }

  @Handles(listCustomersOfTenant)
  async ofTenant({ params, query }: InputOf<typeof listCustomersOfTenant>, caller: Caller): Promise<Reply> {
    return ok(await this.memberships.membersOf(caller.workspace!, 'ten', params.id, query));
  }

  private async join(id: string, command: ChangeMembership, caller: Caller): Promise<Reply> {
    const { survivor, survivorMergedInto } = await joinedCustomers(this.ports.reads, caller.workspace!, id);
    return this.change(survivor, { ...command, despiteMergeInto: survivorMergedInto }, [command.of], caller);
  }

  /** Whoever belongs there, of all who are read as the customer. */
  private async leave(id: string, command: ChangeMembership, caller: Caller): Promise<Reply> {
    const joined = await joinedCustomers(this.ports.reads, caller.workspace!, id);
    const prefix = command.type === 'leave_company' ? 'com' : 'ten';
    const member = await this.memberships.memberOf(caller.workspace!, joined, prefix, command.of);
    return this.change(member ?? joined.survivor, command, [], caller);
  }

  private change(
    stream: string,
    command: ChangeMembership & { despiteMergeInto?: string | null },
    references: string[],
    caller: Caller,
  ): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream,
      references,
      command,
      respond: ({ stream: id }) => ({ status: 200, body: { id } }),
    });
  }
}
