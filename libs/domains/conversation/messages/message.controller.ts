import { Inject } from '@nestjs/common';
import type { Claim } from '../../../platform/commands/command.js';
import { fromReading } from '../../../platform/commands/from-reading.js';
import { newId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { pastOf } from '../../../platform/past/past-query.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { peopleOf } from '../author.js';
import { conversationAggregate, messageClaims, receiptClaim } from '../conversation.aggregate.js';
import { CustomerActivities } from '../history/customer-activities.js';
import { PastConversations, readerOf } from '../history/past-conversations.js';
import { Copies } from '../links/copies.js';
import { goingOn, stayingOn } from '../links/go-on.js';
import { LinkQueries, type MergeTarget } from '../links/link.queries.js';
import { notFound } from '../not-found.js';
import { type Block, chosenFrom } from './blocks.js';
import { contentOf, mismatch, traceOf } from './content.js';
import { requireEmoji } from './emoji.js';
import type { EditMessage, MessageCommand, TakeReceipt } from './message.commands.js';
import {
  chooseOfMessage,
  editMessage,
  getMessage,
  listMessages,
  listMessageVersions,
  postMessage,
  reactToMessage,
  redactMessage,
  takeReceipt,
  unreactToMessage,
} from './message.operations.js';
import { MessageQueries, type MessageReading, partyKey } from './message.queries.js';
import { VERSION_TYPES, versionOf } from './versions.js';

type PostBody = InputOf<typeof postMessage>['body'];

@OperationController()
export class MessageController {
  private readonly queries: MessageQueries;
  private readonly links: LinkQueries;
  private readonly copies: Copies;
  private readonly past: PastConversations;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new MessageQueries(ports.reads);
    this.links = new LinkQueries(ports.reads);
    this.copies = new Copies(ports.reads, ports.invoker);
    this.past = new PastConversations(ports.history, new CustomerActivities(ports.reads));
  }

  @Handles(postMessage)
  async post({ params, body }: InputOf<typeof postMessage>, caller: Caller): Promise<Reply> {
    // Of the conversation that was asked for: where it was merged, what a message answers stays there.
    if (body.in_reply_to !== undefined) await this.queries.requireIn(caller.workspace!, params.id, body.in_reply_to);
    return goingOn(this.links, params.id, caller, (target, by, passed) => this.postTo(target, body, by, passed));
  }

  /** Which of the conversations has the message: one that it was sent to before the last merge. */
  private async ownerAmong(passed: readonly string[], body: PostBody, workspace: string): Promise<string | null> {
    for (const id of passed) {
      for (const claim of await this.claimsOf(id, body, workspace)) {
        const owner = await this.ports.shell.resolve(workspace, 'conv', claim);
        if (owner !== null) return owner;
      }
    }
    return null;
  }

  /** The names that a message takes in a conversation. Throws `not_found`. */
  private async claimsOf(id: string, body: PostBody, workspace: string): Promise<Claim[]> {
    const { channel = null, external_id: externalId = null, channel_message_id: channelMessageId = null } = body;
    const ownChannel = channel ?? (channelMessageId === null ? '' : await this.queries.channelOf(workspace, id));
    if (ownChannel === null) throw notFound(id);
    return messageClaims(id, externalId, ownChannel, channelMessageId);
  }

  private async postTo(
    { id, despite }: MergeTarget,
    body: PostBody,
    caller: Caller,
    passed: readonly string[],
  ): Promise<Reply> {
    const content = contentOf(body);
    const { author, mentions = [] } = body;
    if (body.type === 'note' && author.type === 'customer') throw mismatch('A customer writes no notes.');
    if (body.type !== 'note' && mentions.length > 0) throw mismatch('Only a note mentions.');
    const messageId = newId('msg');
    const workspace = caller.workspace!;
    const { channel = null, external_id: externalId = null, channel_message_id: channelMessageId = null } = body;
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace,
      stream: id,
      references: [...peopleOf(author), ...mentions],
      claims: await this.claimsOf(id, body, workspace),
      command: {
        type: 'post',
        messageId,
        author,
        channel,
        ...content,
        externalId,
        mentions,
        channelMessageId,
        inReplyTo: body.in_reply_to ?? null,
        draftId: null,
        ai: traceOf(body.ai),
        despiteMerge: despite,
        // Decided, and not answered here: a retry has its first answer.
        isIn: await this.ownerAmong(passed, body, workspace),
      },
      respond: ({ seq, events }) => ({
        status: 201,
        body: { id: messageId, conversation_id: id, seq: seq - events + 1 },
      }),
    });
  }

  @Handles(listMessages)
  async list({ params, query }: InputOf<typeof listMessages>, caller: Caller): Promise<Reply> {
    const past = pastOf(query);
    if (past !== null) return ok(await this.past.messages(readerOf(caller), params.id, past, query));
    return ok(await this.queries.list(caller.workspace!, params.id, query));
  }

  @Handles(getMessage)
  async get({ params }: InputOf<typeof getMessage>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.one(caller.workspace!, params.id, params.message_id));
  }

  @Handles(listMessageVersions)
  async versions({ params, query }: InputOf<typeof listMessageVersions>, caller: Caller): Promise<Reply> {
    const { id, message_id: message } = params;
    const workspace = caller.workspace!;
    const list = new ListCursor('versions', workspace, { id, message });
    const after = list.decodeNumber(query.cursor) ?? 0;
    const { seqs } = await this.queries.reading(workspace, id, message);
    const rest = seqs.filter((seq) => seq > after);
    const { events, more } = await this.ports.history.eventsAt(workspace, id, rest, VERSION_TYPES, query.limit);
    return ok({
      data: events.map(versionOf),
      next_cursor: more ? list.encodeNumber(events.at(-1)!.meta.seq) : null,
    });
  }

  @Handles(editMessage)
  edit({ params, body }: InputOf<typeof editMessage>, caller: Caller): Promise<Reply> {
    return this.change(params, caller, body.mentions ?? [], (message) => ({
      type: 'edit',
      message,
      contentRevision: message.contentRevision,
      ...edited(message, body),
      later: message.later,
    }));
  }

  @Handles(redactMessage)
  async redact({ params, body }: InputOf<typeof redactMessage>, caller: Caller): Promise<Reply> {
    const reply = await this.change(params, caller, [], (message) => ({
      type: 'redact',
      message,
      contentRevision: message.contentRevision,
      seqs: message.seqs,
      reason: body.reason ?? null,
    }));
    // A copy that an earlier request did not come to is redacted by the next.
    if (reply.status === 200 || JSON.parse(reply.body as string).code === 'message_redacted') {
      await this.copies.redactThoseOf(params.message_id, body.reason ?? null, caller);
    }
    return reply;
  }

  @Handles(reactToMessage)
  react(input: InputOf<typeof reactToMessage>, caller: Caller): Promise<Reply> {
    return this.changeReaction('react', input, caller);
  }

  @Handles(unreactToMessage)
  unreact(input: InputOf<typeof unreactToMessage>, caller: Caller): Promise<Reply> {
    return this.changeReaction('unreact', input, caller);
  }

  @Handles(takeReceipt)
  receipt({ params, body }: InputOf<typeof takeReceipt>, caller: Caller): Promise<Reply> {
    const { receipt } = body;
    const reader = receipt.type === 'read' ? receipt.reader : null;
    return fromReading(async () => {
      const message = await this.queries.reading(caller.workspace!, params.id, params.message_id);
      const channel = body.channel ?? message.channel;
      return this.ports.shell.execute({
        aggregate: conversationAggregate,
        caller,
        workspace: caller.workspace!,
        stream: params.id,
        references: reader === null ? [] : peopleOf(reader),
        claims: [receiptClaim(params.id, message.id, channel, receipt)],
        toleratesTaken: true,
        command: ({ taken }): TakeReceipt => ({
          type: 'receipt',
          message,
          contentRevision: message.contentRevision,
          channel,
          receipt: receipt.type === 'failed' ? { ...receipt, detail: receipt.detail ?? null } : receipt,
          occurredAt: body.occurred_at === undefined ? null : Date.parse(body.occurred_at),
          isKnown: taken.size > 0,
          count: message.receipts,
        }),
        respond: ({ seq }) => ({ status: 200, body: { id: message.id, conversation_id: params.id, seq } }),
      });
    });
  }

  @Handles(chooseOfMessage)
  choose({ params, body }: InputOf<typeof chooseOfMessage>, caller: Caller): Promise<Reply> {
    return stayingOn(this.links, params.id, caller, (despiteMerge) =>
      this.change(params, caller, peopleOf(body.author), (message) => ({
        type: 'choose',
        message,
        contentRevision: message.contentRevision,
        author: body.author,
        choices: chosenFrom(message.blocks === null ? [] : (JSON.parse(message.blocks) as Block[]), body.choices),
        count: message.choices.count,
        bytes: message.choices.bytes,
        despiteMerge,
      })),
    );
  }

  private async changeReaction(
    type: 'react' | 'unreact',
    { params, body }: InputOf<typeof reactToMessage>,
    caller: Caller,
  ): Promise<Reply> {
    const { author, emoji } = body;
    requireEmoji(emoji);
    return this.change(params, caller, peopleOf(author), (message) => ({
      type,
      message,
      contentRevision: message.contentRevision,
      author,
      emoji,
      isThere: message.reactions.some((known) => known.author === partyKey(author) && known.emoji === emoji),
      count: message.reactions.length,
    }));
  }

  private change(
    { id, message_id: messageId }: { id: string; message_id: string },
    caller: Caller,
    references: readonly string[],
    commandOf: (message: MessageReading) => MessageCommand,
  ): Promise<Reply> {
    const workspace = caller.workspace!;
    return fromReading(async () => {
      const message = await this.queries.reading(workspace, id, messageId);
      return this.ports.shell.execute({
        aggregate: conversationAggregate,
        caller,
        workspace,
        stream: id,
        references,
        command: commandOf(message),
        respond: ({ seq }) => ({ status: 200, body: { id: messageId, conversation_id: id, seq } }),
      });
    });
  }
}

/** What an edit makes of a message. Throws `content_mismatch`. */
function edited(
  message: MessageReading,
  body: InputOf<typeof editMessage>['body'],
): Pick<EditMessage, 'content' | 'mentions' | 'isSame'> {
  const { type } = message;
  if (body.mentions !== undefined && type !== 'note') throw mismatch('Only a note mentions.');
  const mentions = body.mentions ?? message.mentions;
  const kept = message.blocks === null ? undefined : (JSON.parse(message.blocks) as Block[]);
  const text = body.text ?? (body.blocks === undefined ? message.text : undefined);
  const content = message.isRedacted
    ? { messageType: type, text: message.text, blocks: null }
    : contentOf({ type, text, blocks: body.blocks ?? kept });
  const isSame =
    content.text === message.text && content.blocks === message.blocks && mentions.join() === message.mentions.join();
  return { content, mentions, isSame };
}
