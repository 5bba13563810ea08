import { Inject } from '@nestjs/common';
import { fromReading } from '../../../platform/commands/from-reading.js';
import type { Party } from '../../../platform/kernel/event.js';
import { newId, toId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { peopleOf } from '../author.js';
import { conversationAggregate } from '../conversation.aggregate.js';
import { goingOn, stayingOn } from '../links/go-on.js';
import { LinkQueries, type MergeTarget } from '../links/link.queries.js';
import type { Block } from '../messages/blocks.js';
import { contentOf, traceOf } from '../messages/content.js';
import { MessageQueries } from '../messages/message.queries.js';
import type { DraftCommand } from './draft.commands.js';
import { acceptDraft, editDraft, getDraft, listDrafts, proposeDraft, refuseDraft } from './draft.operations.js';
import { DraftQueries, type DraftRow, toDraft } from './draft.queries.js';

@OperationController()
export class DraftController {
  private readonly queries: DraftQueries;
  private readonly messages: MessageQueries;
  private readonly links: LinkQueries;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new DraftQueries(ports.reads);
    this.messages = new MessageQueries(ports.reads);
    this.links = new LinkQueries(ports.reads);
  }

  @Handles(proposeDraft)
  async propose({ params: { id }, body }: InputOf<typeof proposeDraft>, caller: Caller): Promise<Reply> {
    // Of the conversation that was asked for, as of a message.
    if (body.in_reply_to !== undefined) await this.messages.requireIn(caller.workspace!, id, body.in_reply_to);
    return goingOn(this.links, id, caller, (target, by) => this.proposeTo(target, body, by));
  }

  private proposeTo(
    { id, despite }: MergeTarget,
    body: InputOf<typeof proposeDraft>['body'],
    caller: Caller,
  ): Promise<Reply> {
    const draftId = newId('dra');
    const content = contentOf(body);
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      references: peopleOf(body.author),
      command: {
        type: 'propose',
        draftId,
        author: body.author,
        channel: body.channel ?? null,
        ...content,
        inReplyTo: body.in_reply_to ?? null,
        ai: traceOf(body.ai),
        despiteMerge: despite,
      },
      respond: ({ seq }) => ({ status: 201, body: { id: draftId, conversation_id: id, seq } }),
    });
  }

  @Handles(listDrafts)
  async list({ params, query }: InputOf<typeof listDrafts>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.list(caller.workspace!, params.id, query.status, query));
  }

  @Handles(getDraft)
  async get({ params }: InputOf<typeof getDraft>, caller: Caller): Promise<Reply> {
    return ok(toDraft(await this.queries.one(caller.workspace!, params.id, params.draft_id)));
  }

  @Handles(editDraft)
  edit({ params, body }: InputOf<typeof editDraft>, caller: Caller): Promise<Reply> {
    return this.change(params, caller, body.editor, (row) => {
      const kept = row.blocks === null ? undefined : (JSON.parse(row.blocks) as Block[]);
      const text = body.text ?? (body.blocks === undefined ? row.text : undefined);
      return {
        type: 'edit_draft',
        ...known(row),
        editor: body.editor,
        versions: row.seqs.length,
        content:
          row.status === 'open'
            ? contentOf({ type: row.type, text, blocks: body.blocks ?? kept })
            : { messageType: row.type, text: row.text, blocks: row.blocks },
      };
    });
  }

  @Handles(acceptDraft)
  accept({ params, body }: InputOf<typeof acceptDraft>, caller: Caller): Promise<Reply> {
    const messageId = newId('msg');
    return stayingOn(this.links, params.id, caller, (despiteMerge) =>
      this.change(
        params,
        caller,
        body.by,
        (row) => ({
          type: 'accept_draft',
          ...known(row),
          by: body.by,
          messageId,
          author: { type: row.author_type, id: row.author },
          channel: row.channel,
          content: { messageType: row.type, text: row.text, blocks: row.blocks },
          inReplyTo: row.in_reply_to === null ? null : toId('msg', row.in_reply_to),
          ai:
            row.ai_model === null
              ? null
              : {
                  model: row.ai_model,
                  confidence: row.ai_confidence,
                  sources: row.ai_sources,
                  readThroughSeq: row.ai_read_through_seq,
                },
          despiteMerge,
        }),
        ({ seq, events }) => ({
          status: 201,
          body: { id: params.draft_id, message_id: messageId, conversation_id: params.id, seq: seq - events + 1 },
        }),
      ),
    );
  }

  @Handles(refuseDraft)
  refuse({ params, body }: InputOf<typeof refuseDraft>, caller: Caller): Promise<Reply> {
    return this.change(params, caller, body.by, (row) => ({
      type: 'refuse_draft',
      ...known(row),
      by: body.by,
      reason: body.reason ?? null,
    }));
  }

  private change(
    { id, draft_id: draftId }: { id: string; draft_id: string },
    caller: Caller,
    by: Party,
    commandOf: (row: DraftRow) => DraftCommand,
    respond: (accepted: { seq: number; events: number }) => { status: number; body: object } = ({ seq }) => ({
      status: 200,
      body: { id: draftId, conversation_id: id, seq },
    }),
  ): Promise<Reply> {
    const workspace = caller.workspace!;
    return fromReading(async () => {
      const row = await this.queries.one(workspace, id, draftId);
      return this.ports.shell.execute({
        aggregate: conversationAggregate,
        caller,
        workspace,
        stream: id,
        references: peopleOf(by),
        command: commandOf(row),
        respond,
      });
    });
  }
}

function known({ draft, status, content_revision: contentRevision }: DraftRow) {
  return { draft: { id: toId('dra', draft), status }, contentRevision };
}
