import { Inject } from '@nestjs/common';
import { newSecret } from '../../platform/http/api-key-secret.js';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { apiKeyAggregate, workspaceAggregate } from './access.aggregates.js';
import { createApiKey, createWorkspace, listApiKeys, listWorkspaces, revokeApiKey } from './access.operations.js';
import { AccessQueries } from './access.queries.js';

@OperationController()
export class AccessController {
  private readonly queries: AccessQueries;

  constructor(@Inject(portsOf('access')) private readonly ports: ServicePorts) {
    this.queries = new AccessQueries(ports.installation);
  }

  @Handles(createWorkspace)
  createWorkspace({ body }: InputOf<typeof createWorkspace>, caller: Caller): Promise<Reply> {
    const orNew = newId('wsp');
    const { name, external_id: externalId } = body;
    return this.ports.shell.execute({
      aggregate: workspaceAggregate,
      caller,
      workspace: null,
      stream: externalId === undefined ? orNew : { claim: { kind: 'workspace', value: externalId }, orNew },
      command: { name, externalId: externalId ?? null },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(listWorkspaces)
  async workspaces({ query }: InputOf<typeof listWorkspaces>): Promise<Reply> {
    return ok(await this.queries.workspaces(query.external_id, query));
  }

  @Handles(createApiKey)
  createApiKey({ body }: InputOf<typeof createApiKey>, caller: Caller): Promise<Reply> {
    const { secret, hash } = newSecret();
    return this.ports.shell.execute({
      aggregate: apiKeyAggregate,
      caller,
      workspace: body.workspace_id,
      stream: newId('key'),
      references: [body.workspace_id],
      command: { type: 'create', name: body.name, scopes: [...new Set(body.scopes)], secretHash: hash },
      respond: ({ stream }) => ({ status: 201, body: { id: stream, key: secret } }),
      secretResponse: true,
    });
  }

  @Handles(listApiKeys)
  async apiKeys({ query }: InputOf<typeof listApiKeys>): Promise<Reply> {
    return ok(await this.queries.apiKeys(query.workspace_id, query));
  }

  @Handles(revokeApiKey)
  revokeApiKey({ params, body }: InputOf<typeof revokeApiKey>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: apiKeyAggregate,
      caller,
      workspace: body.workspace_id,
      stream: params.id,
      command: { type: 'revoke' },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }
}
