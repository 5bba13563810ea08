import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../platform/fields/field-requests.js';
import { newId, toId } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { pastOf } from '../../platform/past/past-query.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { customerAggregate, externalIdClaim } from './customer.aggregate.js';
import type { CustomerCommand } from './customer.commands.js';
import { getCustomer, listCustomers, lookUpCustomer, updateCustomer, upsertCustomer } from './customer.operations.js';
import { CustomerQueries } from './customer.queries.js';
import { fieldTables } from './fields/field-tables.js';
import { pastCustomer } from './history/past-customer.js';
import { identityClaim } from './identities/identity.js';
import { identityNamed, requireTimeZone } from './identities/identity-input.js';

@OperationController()
export class CustomerController {
  private readonly queries: CustomerQueries;
  private readonly fields: FieldRequests;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new CustomerQueries(ports.reads);
    this.fields = new FieldRequests(ports.reads, fieldTables, 'customer');
  }

  @Handles(upsertCustomer)
  async upsert({ body }: InputOf<typeof upsertCustomer>, caller: Caller): Promise<Reply> {
    const { external_id: externalId, name, language, time_zone: timeZone } = body;
    requireTimeZone(timeZone);
    const given = (body.identities ?? []).map((one) => ({ ...one, ...identityNamed(one), id: newId('idn') }));
    const names = given.map(identityClaim);
    const [joined, { change: fields }] = await Promise.all([
      this.queries.joinedByExternalId(caller.workspace!, externalId),
      this.fields.making(caller.workspace!),
    ]);
    const claim = externalIdClaim(externalId);
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: joined?.survivor ?? { claim, or: names, orNew: newId('cus') },
      claims: [claim, ...names],
      // What is its own is taken as well, by itself: the decider tells the two apart.
      toleratesTaken: true,
      command: ({ stream, taken }): CustomerCommand => {
        const owners = names.map((_, i) => ownerOf(taken.get(i + 1)));
        const isOfAnother = (owner: string | null) => owner !== null && owner !== stream;
        return {
          type: 'upsert',
          customer: stream,
          externalId,
          name,
          language,
          timeZone,
          externalIdOf: ownerOf(taken.get(0)),
          identities: given
            .map((identity, i) => ({ ...identity, takenBy: isOfAnother(owners[i]!) ? owners[i]! : null }))
            // What one who is read as the customer has, the customer is known by.
            .filter(({ takenBy }) => takenBy === null || joined?.ids.includes(takenBy) !== true),
          despiteMergeInto: joined?.survivorMergedInto,
          fields,
        };
      },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateCustomer)
  async update({ params, body }: InputOf<typeof updateCustomer>, caller: Caller): Promise<Reply> {
    requireTimeZone(body.time_zone);
    const { survivor, survivorMergedInto } = await this.queries.joined(caller.workspace!, params.id);
    return this.ports.shell.execute({
      aggregate: customerAggregate,
      caller,
      workspace: caller.workspace!,
      stream: survivor,
      command: {
        type: 'update',
        name: body.name,
        language: body.language,
        timeZone: body.time_zone,
        despiteMergeInto: survivorMergedInto,
      },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getCustomer)
  async get({ params, query }: InputOf<typeof getCustomer>, caller: Caller): Promise<Reply> {
    const past = pastOf(query);
    if (past !== null) {
      const was = await pastCustomer(this.ports.history, caller, params.id, past);
      return ok(was.body, was.version);
    }
    const { body, version } =
      query.follow === 'true'
        ? await this.queries.one(caller.workspace!, params.id)
        : await this.queries.alone(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(lookUpCustomer)
  async lookUp({ body }: InputOf<typeof lookUpCustomer>, caller: Caller): Promise<Reply> {
    const claim = identityClaim(identityNamed(body.identity));
    const id = await this.ports.shell.resolve(caller.workspace!, 'cus', claim);
    if (id === null) throw new Problem('not_found', 'Nobody in this workspace has this identity.');
    const { body: customer, version } = await this.queries.one(caller.workspace!, id);
    return ok(customer, version);
  }

  @Handles(listCustomers)
  async list({ query }: InputOf<typeof listCustomers>, caller: Caller): Promise<Reply> {
    const condition = await this.fields.rowCondition(caller.workspace!, query.field);
    return ok(await this.queries.list(caller.workspace!, query.external_id, query, condition));
  }
}

function ownerOf(uuid: string | undefined): string | null {
  return uuid === undefined ? null : toId('cus', uuid);
}
