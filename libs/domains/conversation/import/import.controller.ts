import { Readable } from 'node:stream';
import { Inject } from '@nestjs/common';
import { isOfItsKind, readHeads } from '../../../platform/commands/heads.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { ConversationImporter } from './conversation-importer.js';
import { importConversations } from './import.operations.js';
import { importReport } from './import-report.js';
import { Turnstile } from './turnstile.js';

/** In this process. Each may hold 16 lines of 1 MiB. */
const MOST_RUNNING = 4;
/** Messages of all imports on their way into the log: two groups, for which everybody else waits. */
const MESSAGES_AT_ONCE = 400;

@OperationController()
export class ImportController {
  private readonly room = new Turnstile(MESSAGES_AT_ONCE);
  private running = 0;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  @Handles(importConversations)
  async import({ query, body }: InputOf<typeof importConversations>, caller: Caller): Promise<Reply> {
    const workspace = workspaceOf(query, caller);
    if (caller.workspace === null && workspace !== null) await this.mustExist(workspace);
    if (workspace === null) this.mustMakeWorkspaces();
    if (this.running === MOST_RUNNING) {
      const detail = `${MOST_RUNNING} imports are under way. Wait for one of them to end.`;
      throw new Problem('rate_limited', detail, { retryAfter: 5 });
    }
    const importer = new ConversationImporter(this.ports, caller, workspace, this.room);
    const lines = (body as unknown as Readable | undefined) ?? Readable.from([]);
    const report = Readable.from(importReport(lines, importer));
    this.running++;
    report.once('close', () => this.running--);
    return { status: 200, body: report, contentType: 'application/x-ndjson' };
  }

  /** Where services run apart, workspaces are another process's. */
  private mustMakeWorkspaces(): void {
    if (this.ports.invoker.offers('workspaces.create')) return;
    throw new Problem(
      'invalid_request',
      'Another process makes workspaces here: import into each with workspace_id, as heddle import --workspace-from does.',
    );
  }

  /** Events are appended under any workspace's id: nothing else would notice that there is none. */
  private async mustExist(workspace: string): Promise<void> {
    const [head] = await readHeads(this.ports.installation, [workspace]);
    if (head === undefined || !isOfItsKind(head)) {
      throw new Problem('not_found', `There is no workspace ${workspace}. Make it first.`);
    }
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
