import { Inject } from '@nestjs/common';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { conversationAggregate } from './conversation.aggregate.js';
import type { ConversationCommand } from './conversation.commands.js';
import {
  assignConversation,
  closeConversation,
  createConversation,
  getConversation,
  listConversationEvents,
  listConversations,
  listMessages,
  postMessage,
  reopenConversation,
} from './conversation.operations.js';
import { ConversationQueries } from './conversation.queries.js';

@OperationController()
export class ConversationController {
  private readonly queries: ConversationQueries;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new ConversationQueries(ports.reads);
  }

  @Handles(createConversation)
  create({ body }: InputOf<typeof createConversation>, caller: Caller): Promise<Reply> {
    const externalId = body.external_id ?? null;
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: newId('conv'),
      subject: body.customer_id,
      references: [body.customer_id],
      ...(externalId === null ? {} : { claims: [{ kind: 'conversation', value: externalId }] }),
      command: {
        type: 'open',
        customerId: body.customer_id,
        channel: body.channel,
        title: body.title ?? null,
        externalId,
      },
      respond: ({ stream, seq, state }) => ({ status: 201, body: { id: stream, seq, status: state.status } }),
    });
  }

  @Handles(getConversation)
  async get({ params, query }: InputOf<typeof getConversation>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.queries.conversation(caller.workspace!, params.id, query.messages);
    return ok(body, version);
  }

  @Handles(listConversations)
  async list({ query }: InputOf<typeof listConversations>, caller: Caller): Promise<Reply> {
    const { limit, cursor, ...filters } = query;
    return ok(await this.queries.conversations(caller.workspace!, filters, { limit, cursor }));
  }

  @Handles(assignConversation)
  assign({ params, body }: InputOf<typeof assignConversation>, caller: Caller): Promise<Reply> {
    const references = body.assignee === null ? [] : [body.assignee.id];
    return this.change(params.id, caller, { type: 'assign', assignee: body.assignee }, references);
  }

  @Handles(closeConversation)
  close({ params }: InputOf<typeof closeConversation>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'close' });
  }

  @Handles(reopenConversation)
  reopen({ params }: InputOf<typeof reopenConversation>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'reopen' });
  }

  @Handles(postMessage)
  post({ params, body }: InputOf<typeof postMessage>, caller: Caller): Promise<Reply> {
    const messageId = newId('msg');
    const { id } = params;
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      ...(body.author.type === 'system' ? {} : { references: [body.author.id] }),
      ...(body.external_id === undefined ? {} : { claims: [{ kind: 'message', scope: id, value: body.external_id }] }),
      command: {
        type: 'post',
        messageId,
        author: body.author,
        channel: body.channel ?? null,
        messageType: body.type,
        text: body.text,
        externalId: body.external_id ?? null,
      },
      respond: ({ seq, events }) => ({
        status: 201,
        body: { id: messageId, conversation_id: id, seq: seq - events + 1 },
      }),
    });
  }

  @Handles(listMessages)
  async messages({ params, query }: InputOf<typeof listMessages>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.messages(caller.workspace!, params.id, query));
  }

  @Handles(listConversationEvents)
  async events({ params, query }: InputOf<typeof listConversationEvents>, caller: Caller): Promise<Reply> {
    return ok(await this.ports.history.page(caller.workspace!, params.id, query));
  }

  private change(id: string, caller: Caller, command: ConversationCommand, references: string[] = []): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      references,
      command,
      respond: ({ stream, seq, state }) => ({ status: 200, body: { id: stream, seq, status: state.status } }),
    });
  }
}
