import { Readable } from 'node:stream';
import { Inject } from '@nestjs/common';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { ConversationImporter } from './conversation-importer.js';
import { importConversations } from './import.operations.js';
import { importReport } from './import-report.js';

@OperationController()
export class ImportController {
  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  @Handles(importConversations)
  async import({ query, body }: InputOf<typeof importConversations>, caller: Caller): Promise<Reply> {
    const importer = new ConversationImporter(this.ports, caller, workspaceOf(query, caller));
    const lines = (body as unknown as Readable | undefined) ?? Readable.from([]);
    return { status: 200, body: Readable.from(importReport(lines, importer)), contentType: 'application/x-ndjson' };
  }
}

function workspaceOf(query: InputOf<typeof importConversations>['query'], caller: Caller): string | null {
  const { workspace_id: id, workspace_from: from } = query;
  if (caller.workspace !== null) {
    if (id !== undefined || from !== undefined) {
      throw new Problem(
        'forbidden',
        "A workspace's key imports into its own workspace; leave out workspace_id and _from.",
      );
    }
    return caller.workspace;
  }
  if ((id === undefined) === (from === undefined)) {
    throw new Problem('invalid_request', 'The root key needs workspace_id, or workspace_from=organization.');
  }
  return id ?? null;
}
