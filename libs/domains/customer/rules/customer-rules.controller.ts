import { Inject } from '@nestjs/common';
import { newId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { customerAggregate } from '../customer.aggregate.js';
import { type IdentityName, identityClaim, normalized } from '../identities/identity.js';
import { identityNamed } from '../identities/identity-input.js';
import { joinedCustomers } from '../merges/joined-customers.js';
import { customerRulesAggregate, ONLY_RULES } from './customer-rules.aggregate.js';
import type { PlaceholderRule } from './customer-rules.commands.js';
import { USUAL_MERGE_UNDO_HOURS } from './customer-rules.decider.js';
import { getCustomerRules, resolveCustomer, setCustomerRules } from './customer-rules.operations.js';
import { customerRulesOf } from './customer-rules.queries.js';
import { ruleFor } from './placeholder-rule.js';

const MOST_OF_A_NAME = 200;

@OperationController()
export class CustomerRulesController {
  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  @Handles(setCustomerRules)
  set({ body }: InputOf<typeof setCustomerRules>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: customerRulesAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: ONLY_RULES, orNew: newId('crl') },
      command: {
        placeholders: (body.placeholders ?? []).map(({ channel, unknown, match_by = [], name = null }) => {
          return { channel, unknown, match_by: [...new Set(match_by)], name };
        }),
        mergeUndoHours: body.merge_undo_hours ?? USUAL_MERGE_UNDO_HOURS,
      },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getCustomerRules)
  async get(_input: InputOf<typeof getCustomerRules>, caller: Caller): Promise<Reply> {
    const { version, ...rules } = await customerRulesOf(this.ports.reads, caller.workspace!);
    return ok(rules, version);
  }

  @Handles(resolveCustomer)
  async resolve({ body }: InputOf<typeof resolveCustomer>, caller: Caller): Promise<Reply> {
    const { channel, identity } = body;
    const workspace = caller.workspace!;
    const { placeholders } = await customerRulesOf(this.ports.reads, workspace);
    const rule = ruleFor(channel, placeholders);
    const name = identityNamed({ kind: identity.kind, channel, value: identity.value });
    const [claim, ...or] = lookedUpAs(name, rule, { channel, value: identity.value }).map(identityClaim);
    const survivor = await this.survivorOf(workspace, [claim!, ...or]);
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace,
      stream: survivor ?? { claim: claim!, or, orNew: newId('cus') },
      command: {
        type: 'resolve',
        channel,
        identity: { ...name, id: newId('idn'), verified: identity.verified, takenBy: null },
        name: rule.name ?? body.name ?? [...name.value].slice(0, MOST_OF_A_NAME).join(''),
        isRefused: rule.unknown === 'refuse',
      },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  /** Whom the first of the names that is taken stands for; null where all are free. */
  private async survivorOf(workspace: string, claims: readonly ReturnType<typeof identityClaim>[]) {
    const owners = await Promise.all(claims.map((claim) => this.ports.shell.resolve(workspace, 'cus', claim)));
    const owner = owners.find((one) => one !== null);
    return owner == null ? null : (await joinedCustomers(this.ports.reads, workspace, owner)).survivor;
  }
}

/** In the order of the rule, and if that leaves it out last as the kind that it came as: it must not be another's. */
function lookedUpAs(
  name: IdentityName,
  { match_by }: PlaceholderRule,
  { channel, value }: { channel: string; value: string },
): IdentityName[] {
  const kinds = match_by.includes(name.kind) ? match_by : [...match_by, name.kind];
  return kinds.map((kind) => normalized(kind, channel, value)).filter((found) => found !== null);
}
