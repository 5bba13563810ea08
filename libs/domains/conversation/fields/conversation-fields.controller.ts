import { Inject } from '@nestjs/common';
import { FieldRequests } from '../../../platform/fields/field-requests.js';
import type { FieldsByKey } from '../../../platform/fields/wanted-fields.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { conversationAggregate } from '../conversation.aggregate.js';
import {
  getConversationFields,
  replaceConversationFields,
  updateConversationFields,
} from './conversation-fields.operations.js';
import { fieldTables } from './field-tables.js';

@OperationController()
export class ConversationFieldsController {
  private readonly fields: FieldRequests;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.fields = new FieldRequests(ports.reads, fieldTables, 'conversation');
  }

  @Handles(updateConversationFields)
  update({ params, body }: InputOf<typeof updateConversationFields>, caller: Caller): Promise<Reply> {
    return this.change(params.id, body.fields, false, caller);
  }

  @Handles(replaceConversationFields)
  replace({ params, body }: InputOf<typeof replaceConversationFields>, caller: Caller): Promise<Reply> {
    return this.change(params.id, body.fields, true, caller);
  }

  @Handles(getConversationFields)
  get({ params }: InputOf<typeof getConversationFields>, caller: Caller): Promise<Reply> {
    return this.fields.reply(this.ports.history, caller.workspace!, params.id);
  }

  private async change(id: string, fields: FieldsByKey, replaces: boolean, caller: Caller): Promise<Reply> {
    const { change, references } = await this.fields.changing(caller.workspace!, id, fields, replaces);
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      references,
      command: { type: 'change_fields', ...change },
      respond: ({ stream, seq, state }) => ({ status: 200, body: { id: stream, seq, status: state.status } }),
    });
  }
}
