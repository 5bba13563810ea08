import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../../platform/fields/field-requests.js';
import type { FieldsByKey } from '../../../platform/fields/wanted-fields.js';
import { idToBytes } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { conversationAggregate } from '../conversation.aggregate.js';
import { fieldTables } from './field-tables.js';
import { getMessageFields, replaceMessageFields, updateMessageFields } from './message-fields.operations.js';

interface MessagePlace {
  id: string;
  message_id: string;
}

@OperationController()
export class MessageFieldsController {
  private readonly fields: FieldRequests;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.fields = new FieldRequests(ports.reads, fieldTables, 'message');
  }

  @Handles(updateMessageFields)
  update({ params, body }: InputOf<typeof updateMessageFields>, caller: Caller): Promise<Reply> {
    return this.change(params, body.fields, false, caller);
  }

  @Handles(replaceMessageFields)
  replace({ params, body }: InputOf<typeof replaceMessageFields>, caller: Caller): Promise<Reply> {
    return this.change(params, body.fields, true, caller);
  }

  @Handles(getMessageFields)
  async get({ params }: InputOf<typeof getMessageFields>, caller: Caller): Promise<Reply> {
    const [body] = await Promise.all([
      this.fields.shown(caller.workspace!, params.message_id),
      this.requireMessage(caller.workspace!, params),
    ]);
    return ok(body);
  }

  private async change(place: MessagePlace, fields: FieldsByKey, replaces: boolean, caller: Caller): Promise<Reply> {
    const { id, message_id: messageId } = place;
    const [{ change, references, held }] = await Promise.all([
      this.fields.changing(caller.workspace!, messageId, fields, replaces),
      this.requireMessage(caller.workspace!, place),
    ]);
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      references,
      command: { type: 'change_message_fields', messageId, held, ...change },
      respond: ({ stream, seq, state }) => ({ status: 200, body: { id: stream, seq, status: state.status } }),
    });
  }

  private async requireMessage(workspace: string, { id, message_id: message }: MessagePlace): Promise<void> {
    const { rows } = await this.ports.reads.query(workspace, {
      name: 'message_of_conversation',
      text: 'select from conversation.messages where conversation = $1 and message = $2',
      values: [idToBytes(id), idToBytes(message)],
    });
    if (rows.length > 0) return;
    throw new Problem('not_found', `There is no message ${message} of a conversation ${id} in this workspace.`);
  }
}
