import { Inject } from '@nestjs/common';
import type { Party } from '../../../platform/kernel/event.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { notFound } from '../not-found.js';
import { readPresence, setPresence, setTyping } from './presence.operations.js';
import { Presences } from './presences.js';
import { SaidLately } from './said-lately.js';

const TYPES_FOR_MS = 10_000;
const STAYS_FOR_MS = 60_000;

@OperationController()
export class PresenceController {
  private readonly presences: Presences;
  private readonly said = new SaidLately();

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.presences = new Presences(ports.reads, ports.installation);
  }

  @Handles(setTyping)
  async typing({ params, body }: InputOf<typeof setTyping>, caller: Caller): Promise<Reply> {
    const { party, typing } = body;
    await this.requireBoth(caller.workspace!, params.id, party);
    const expires_at = new Date(Date.now() + (typing ? TYPES_FOR_MS : 0)).toISOString();
    const data = { conversation_id: params.id, party, typing, expires_at };
    // Programs say it with every key that is pressed; readers need it every few seconds.
    if (!this.said.has(`${params.id} ${party.type} ${party.id} ${typing}`)) {
      await this.ports.live.signal({ workspace: caller.workspace!, stream: params.id, name: 'typing', data });
    }
    return ok(data);
  }

  @Handles(setPresence)
  async presence({ params, body }: InputOf<typeof setPresence>, caller: Caller): Promise<Reply> {
    const { party, present } = body;
    const workspace = caller.workspace!;
    await this.requireBoth(workspace, params.id, party);
    const expiresAt = new Date(Date.now() + (present ? STAYS_FOR_MS : 0));
    await (present
      ? this.presences.put(workspace, params.id, party, expiresAt)
      : this.presences.remove(params.id, party));
    const data = { conversation_id: params.id, party, present, expires_at: expiresAt.toISOString() };
    await this.ports.live.signal({ workspace, stream: params.id, name: 'presence', data });
    return ok(data);
  }

  @Handles(readPresence)
  async present({ params }: InputOf<typeof readPresence>, caller: Caller): Promise<Reply> {
    const workspace = caller.workspace!;
    const [version, data] = await Promise.all([
      this.ports.history.versionOf(workspace, params.id),
      this.presences.at(workspace, params.id),
    ]);
    if (version === null) throw notFound(params.id);
    return ok({ data });
  }

  private async requireBoth(workspace: string, conversation: string, party: Party): Promise<void> {
    const { history } = this.ports;
    const [its, theirs] = await Promise.all([
      history.versionOf(workspace, conversation),
      history.versionOf(workspace, party.id),
    ]);
    if (its === null) throw notFound(conversation);
    if (theirs === null) throw new Problem('unknown_reference', `There is no ${party.id} in this workspace.`);
  }
}
