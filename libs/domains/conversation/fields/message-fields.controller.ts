import { Inject } from '@nestjs/common';
import { fromReading } from '../../../platform/commands/from-reading.js';
import { FieldRequests } from '../../../platform/fields/field-requests.js';
import type { FieldsByKey } from '../../../platform/fields/wanted-fields.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { conversationAggregate } from '../conversation.aggregate.js';
import { MessageQueries } from '../messages/message.queries.js';
import { fieldTables } from './field-tables.js';
import { getMessageFields, replaceMessageFields, updateMessageFields } from './message-fields.operations.js';

interface MessagePlace {
  id: string;
  message_id: string;
}

@OperationController()
export class MessageFieldsController {
  private readonly fields: FieldRequests;
  private readonly messages: MessageQueries;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.fields = new FieldRequests(ports.reads, fieldTables, 'message');
    this.messages = new MessageQueries(ports.reads);
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
    await this.messages.reading(caller.workspace!, params.id, params.message_id);
    const body = await this.fields.shown(caller.workspace!, params.message_id);
    return ok(body);
  }

  private change(place: MessagePlace, fields: FieldsByKey, replaces: boolean, caller: Caller): Promise<Reply> {
    const { id, message_id: messageId } = place;
    const workspace = caller.workspace!;
    return fromReading(async () => {
      // Before the values: one that is set between the two is seen, and so is that the reading is of before.
      const message = await this.messages.reading(workspace, id, messageId);
      const { change, references, held } = await this.fields.changing(workspace, messageId, fields, replaces);
      return this.ports.shell.execute({
        aggregate: conversationAggregate,
        caller,
        workspace,
        stream: id,
        references,
        command: {
          type: 'change_message_fields',
          message: { id: message.id, seq: message.seq, isRedacted: message.isRedacted },
          contentRevision: message.contentRevision,
          held,
          ...change,
        },
        respond: ({ stream, seq, state }) => ({ status: 200, body: { id: stream, seq, status: state.status } }),
      });
    });
  }
}
