import { Inject } from '@nestjs/common';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { conversationAggregate } from '../conversation.aggregate.js';
import { joinedCustomers } from '../customers/joined-customers.js';
import { Copies, MOST_COPIES } from './copies.js';
import type { HeldKind } from './link.commands.js';
import {
  addReference,
  forkConversation,
  type LinkKind,
  linkConversation,
  listLinks,
  listReferences,
  mergeConversation,
  removeReference,
  unlinkConversation,
} from './link.operations.js';
import { LinkQueries } from './link.queries.js';

/** A link as one stream holds it. */
interface HeldLink {
  holder: string;
  kind: HeldKind;
  other: string;
}

@OperationController()
export class LinkController {
  private readonly queries: LinkQueries;
  private readonly copies: Copies;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new LinkQueries(ports.reads);
    this.copies = new Copies(ports.reads, ports.invoker);
  }

  @Handles(linkConversation)
  async link({ params, body }: InputOf<typeof linkConversation>, caller: Caller): Promise<Reply> {
    const { id } = params;
    await this.queries.conversation(caller.workspace!, id);
    if (body.conversation_id === id) {
      throw new Problem('linked_to_itself', `${id} cannot be linked to itself. Name another conversation.`);
    }
    await this.queries.named(caller.workspace!, body.conversation_id);
    return this.changeLink('link', id, body, caller);
  }

  @Handles(unlinkConversation)
  async unlink({ params, query }: InputOf<typeof unlinkConversation>, caller: Caller): Promise<Reply> {
    await this.queries.conversation(caller.workspace!, params.id);
    return this.changeLink('unlink', params.id, query, caller);
  }

  @Handles(listLinks)
  async links({ params, query }: InputOf<typeof listLinks>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.links(caller.workspace!, params.id, query));
  }

  @Handles(addReference)
  addReference({ params, body }: InputOf<typeof addReference>, caller: Caller): Promise<Reply> {
    const reference = newId('ref');
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: {
        type: 'add_reference',
        reference,
        referenceType: body.type,
        externalId: body.external_id,
        url: body.url ?? null,
        title: body.title ?? null,
      },
      respond: ({ stream, seq }) => ({ status: 201, body: { id: reference, conversation_id: stream, seq } }),
    });
  }

  @Handles(removeReference)
  removeReference({ params }: InputOf<typeof removeReference>, caller: Caller): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      command: { type: 'remove_reference', reference: params.reference_id },
      respond: ({ stream, seq, state }) => ({ status: 200, body: { id: stream, seq, status: state.status } }),
    });
  }

  @Handles(listReferences)
  async references({ params, query }: InputOf<typeof listReferences>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.references(caller.workspace!, params.id, query));
  }

  @Handles(mergeConversation)
  async merge({ params, body }: InputOf<typeof mergeConversation>, caller: Caller): Promise<Reply> {
    const { id } = params;
    await this.queries.conversation(caller.workspace!, id);
    const { customer } = await this.queries.named(caller.workspace!, body.into_id);
    const { id: into } = await this.queries.target(caller.workspace!, body.into_id);
    if (into === id) {
      const detail = `${body.into_id} is ${id}, or goes on in it. Name another conversation.`;
      throw new Problem('merge_into_itself', detail);
    }
    const { ids: customers } = await joinedCustomers(this.ports.reads, caller.workspace!, customer);
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      references: [into],
      command: { type: 'merge', into, customers },
      respond: ({ stream, seq }) => ({ status: 200, body: { id: stream, seq, into_id: into } }),
    });
  }

  @Handles(forkConversation)
  async fork({ params, body }: InputOf<typeof forkConversation>, caller: Caller): Promise<Reply> {
    const { id } = params;
    const { customer, channel } = await this.queries.conversation(caller.workspace!, id);
    const messages = await this.messagesFor(caller.workspace!, id, body);
    const reply = await this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: newId('conv'),
      subject: customer,
      references: [customer],
      command: {
        type: 'fork',
        from: id,
        fromSeq: messages[0]?.seq ?? 0,
        customer,
        channel,
        title: body.title ?? null,
        messages: messages.map((message) => ({
          messageId: newId('msg'),
          origin: message.id,
          author: { type: message.author_type, id: message.author },
          channel: message.channel,
          messageType: message.type,
          text: message.text,
          blocks: message.blocks,
          mentions: message.mentions,
          occurredAt: message.at,
        })),
      },
      respond: ({ stream, seq }) => ({
        status: 201,
        body: { id: stream, seq, from_id: id, messages: messages.length },
      }),
    });
    if (reply.status === 201) await this.copies.redactThoseIn(JSON.parse(reply.body as string).id, caller);
    return reply;
  }

  private async messagesFor(
    workspace: string,
    id: string,
    { message_id: message, at_seq: seq }: InputOf<typeof forkConversation>['body'],
  ) {
    if (message === undefined && seq === undefined) return [];
    const from = message === undefined ? { seq: seq! } : { message };
    const messages = await this.copies.messagesFrom(workspace, id, from);
    if (message !== undefined && messages.length === 0) {
      throw new Problem('unknown_reference', `There is no message ${message} in ${id}.`);
    }
    if (messages.length === 0 && seq! > ((await this.ports.history.versionOf(workspace, id)) ?? 0)) {
      throw new Problem('unknown_reference', `There is no seq ${seq} in ${id} so far.`);
    }
    if (messages.length <= MOST_COPIES) return messages;
    throw new Problem(
      'too_many_messages',
      `From there on there are more than ${MOST_COPIES} messages. Fork at a later one.`,
    );
  }

  private async changeLink(
    type: 'link' | 'unlink',
    id: string,
    { kind, conversation_id }: { kind: LinkKind; conversation_id: string },
    caller: Caller,
  ): Promise<Reply> {
    const { holder, ...held } = heldLink(id, kind, conversation_id);
    const { etag: _, ...reply } = await this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: holder,
      command: { type, kind: held.kind, other: held.other },
      respond: () => ({ status: type === 'link' ? 201 : 200, body: { id, kind, conversation_id } }),
    });
    // The stream that holds the link may be the other one's, and so would be the version.
    return reply;
  }
}

/**
 * One stream holds a link, whichever end it is asked for at: of two that are related the older one, a child its parent,
 * a duplicate what it is one of. So the same link is never there twice, and nobody has to look for it.
 */
function heldLink(id: string, kind: LinkKind, other: string): HeldLink {
  switch (kind) {
    case 'related':
      return id < other ? { holder: id, kind, other } : { holder: other, kind, other: id };
    case 'child':
      return { holder: other, kind: 'parent', other: id };
    case 'parent':
    case 'duplicate_of':
      return { holder: id, kind, other };
    default:
      return kind satisfies never;
  }
}
