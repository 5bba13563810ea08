import { Inject } from '@nestjs/common';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { ResourceReads } from '../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { teamAggregate } from './team.aggregate.js';
import type { ChangeMember, UpdateTeam } from './team.decider.js';
import { addTeamMember, getTeam, listTeams, removeTeamMember, updateTeam, upsertTeam } from './team.operations.js';
import { membersOf, teams } from './team.queries.js';

@OperationController()
export class TeamController {
  private readonly reads: ResourceReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.reads = new ResourceReads(ports.reads, teams);
  }

  @Handles(upsertTeam)
  upsert({ body }: InputOf<typeof upsertTeam>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: teamAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: { kind: 'team', value: body.external_id }, orNew: newId('team') },
      command: { type: 'upsert', externalId: body.external_id, name: body.name },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateTeam)
  update({ params, body }: InputOf<typeof updateTeam>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'update', name: body.name }, []);
  }

  @Handles(addTeamMember)
  addMember({ params, body }: InputOf<typeof addTeamMember>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'add_member', member: body.member }, [body.member.id]);
  }

  @Handles(removeTeamMember)
  removeMember({ params, body }: InputOf<typeof removeTeamMember>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'remove_member', member: body.member }, []);
  }

  @Handles(getTeam)
  async get({ params }: InputOf<typeof getTeam>, caller: Caller): Promise<Reply> {
    const [{ body, version }, members] = await Promise.all([
      this.reads.one(caller.workspace!, params.id),
      membersOf(this.ports.reads, caller.workspace!, params.id),
    ]);
    return ok({ ...body, members }, version);
  }

  @Handles(listTeams)
  async list({ query }: InputOf<typeof listTeams>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, query.external_id, query));
  }

  private change(id: string, caller: Caller, command: ChangeMember | UpdateTeam, references: string[]): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: teamAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      references,
      command,
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }
}
