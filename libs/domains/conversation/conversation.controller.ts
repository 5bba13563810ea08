import { Inject } from '@nestjs/common';
import { Pins } from '../../platform/event-schemas/pins.js';
import { FieldRequests } from '../../platform/fields/field-requests.js';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import { ok, type Reply } from '../../platform/operations/reply.js';
import { pastOf } from '../../platform/past/past-query.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { conversationAggregate } from './conversation.aggregate.js';
import type { ConversationCommand, StatusDetail } from './conversation.commands.js';
import {
  assignConversation,
  assignTeam,
  closeConversation,
  createConversation,
  getConversation,
  labelConversation,
  listConversationEvents,
  listConversations,
  lockConversation,
  reopenConversation,
  snoozeConversation,
  unlabelConversation,
  unlockConversation,
  updateConversation,
} from './conversation.operations.js';
import { ConversationQueries } from './conversation.queries.js';
import { joinedCustomers } from './customers/joined-customers.js';
import { fieldTables } from './fields/field-tables.js';
import { CustomerActivities } from './history/customer-activities.js';
import { PastConversations, readerOf } from './history/past-conversations.js';
import { ConversationSearch } from './search/conversation-search.js';
import { listFilter } from './search/list-filter.js';
import { searchProjection } from './search/search.projection.js';

@OperationController()
export class ConversationController {
  private readonly queries: ConversationQueries;
  private readonly fields: FieldRequests;
  private readonly past: PastConversations;
  private readonly search: ConversationSearch;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new ConversationQueries(ports.reads);
    this.past = new PastConversations(ports.history, new CustomerActivities(ports.reads));
    this.search = new ConversationSearch(ports.reads);
    this.fields = new FieldRequests(ports.reads, fieldTables, 'conversation');
  }

  @Handles(createConversation)
  async create({ body }: InputOf<typeof createConversation>, caller: Caller): Promise<Reply> {
    const externalId = body.external_id ?? null;
    const [{ survivor: customerId }, { change: fields, references }] = await Promise.all([
      joinedCustomers(this.ports.reads, caller.workspace!, body.customer_id),
      this.fields.making(caller.workspace!, body.fields),
    ]);
    return this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace: caller.workspace!,
      stream: newId('conv'),
      subject: customerId,
      references: [customerId, ...references],
      ...(externalId === null ? {} : { claims: [{ kind: 'conversation', value: externalId }] }),
      command: {
        type: 'open',
        customerId,
        channel: body.channel,
        title: body.title ?? null,
        externalId,
        fields,
      },
      respond: ({ stream, seq, state }) => ({ status: 201, body: { id: stream, seq, status: state.status } }),
    });
  }

  @Handles(getConversation)
  async get({ params, query }: InputOf<typeof getConversation>, caller: Caller): Promise<Reply> {
    const past = pastOf(query);
    const { body, version } =
      past === null
        ? await this.queries.conversation(caller.workspace!, params.id, query.messages)
        : await this.past.conversation(readerOf(caller), params.id, past, query.messages);
    return ok(body, version);
  }

  @Handles(listConversations)
  async list({ query }: InputOf<typeof listConversations>, caller: Caller): Promise<Reply> {
    const { limit, cursor, sort, order, field, wait_for, ...filters } = query;
    await this.ports.caughtUp(searchProjection.name, wait_for);
    const custom_field = field === undefined ? undefined : await this.fields.condition(caller.workspace!, field);
    const search = {
      filter: listFilter({ ...filters, custom_field }),
      notes: false,
      highlights: 0,
      order: { sort, direction: order },
    };
    return ok(await this.search.page(caller.workspace!, search, { limit, cursor }));
  }

  @Handles(assignConversation)
  assign({ params, body }: InputOf<typeof assignConversation>, caller: Caller): Promise<Reply> {
    const references = body.assignee === null ? [] : [body.assignee.id];
    return this.change(params.id, caller, { type: 'assign', assignee: body.assignee }, references);
  }

  @Handles(assignTeam)
  assignTeam({ params, body }: InputOf<typeof assignTeam>, caller: Caller): Promise<Reply> {
    const references = body.team_id === null ? [] : [body.team_id];
    return this.change(params.id, caller, { type: 'assign_team', team: body.team_id }, references);
  }

  @Handles(closeConversation)
  async close({ params, body }: InputOf<typeof closeConversation>, caller: Caller): Promise<Reply> {
    const [detail, required] = await Promise.all([this.detail(body, caller), this.fields.required(caller.workspace!)]);
    return this.change(params.id, caller, { type: 'close', detail, required });
  }

  @Handles(reopenConversation)
  async reopen({ params, body }: InputOf<typeof reopenConversation>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'reopen', detail: await this.detail(body, caller) });
  }

  @Handles(snoozeConversation)
  async snooze({ params, body }: InputOf<typeof snoozeConversation>, caller: Caller): Promise<Reply> {
    const detail = await this.detail(body, caller);
    return this.change(params.id, caller, { type: 'snooze', until: msOf(body.until), detail });
  }

  @Handles(updateConversation)
  async update({ params, body }: InputOf<typeof updateConversation>, caller: Caller): Promise<Reply> {
    const { title, status, snoozed_until, priority, assignee, team_id: team, label_ids: labels, locked } = body;
    const references = [assignee?.id, team, ...(labels ?? [])].filter((id) => typeof id === 'string');
    const [detail, required, known] = await Promise.all([
      body.status_detail_id === null ? null : this.detail(body, caller),
      status === 'closed' ? this.fields.required(caller.workspace!) : [],
      title === undefined ? null : this.queries.titleOf(caller.workspace!, params.id),
      this.queries.requireLabelsInUse(caller.workspace!, labels ?? []),
    ]);
    const command: ConversationCommand = {
      type: 'update',
      title:
        title === undefined ? undefined : { text: title, isRevision: known?.title === title ? known.revision : null },
      status,
      until: snoozed_until === undefined ? undefined : msOf(snoozed_until),
      detail: body.status_detail_id === undefined ? undefined : detail,
      priority,
      assignee,
      team,
      labels,
      locked,
      required,
    };
    return this.change(params.id, caller, command, references);
  }

  @Handles(labelConversation)
  async label({ params, body }: InputOf<typeof labelConversation>, caller: Caller): Promise<Reply> {
    await this.queries.requireLabelsInUse(caller.workspace!, [body.label_id]);
    return this.change(params.id, caller, { type: 'label', label: body.label_id }, [body.label_id]);
  }

  @Handles(unlabelConversation)
  unlabel({ params, body }: InputOf<typeof unlabelConversation>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'unlabel', label: body.label_id });
  }

  @Handles(lockConversation)
  lock({ params }: InputOf<typeof lockConversation>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'lock' });
  }

  @Handles(unlockConversation)
  unlock({ params }: InputOf<typeof unlockConversation>, caller: Caller): Promise<Reply> {
    return this.change(params.id, caller, { type: 'unlock' });
  }

  @Handles(listConversationEvents)
  async events({ params, query }: InputOf<typeof listConversationEvents>, caller: Caller): Promise<Reply> {
    const { history, live } = this.ports;
    const pins = Pins.parse(query.pin);
    if (caller.eventStream == null) return ok(await history.page(caller.workspace!, params.id, { ...query, pins }));
    const body = await live.ofStream({
      workspace: caller.workspace!,
      stream: params.id,
      key: caller.actor.id,
      cursor: caller.eventStream.lastEventId ?? query.cursor,
      type: query.type,
      pins,
      history,
      charge: caller.charge,
    });
    return { status: 200, body };
  }

  /** Of a body that may name one. */
  private async detail(
    { status_detail_id: id }: { status_detail_id?: string | null | undefined },
    caller: Caller,
  ): Promise<StatusDetail | null> {
    return id == null ? null : this.queries.statusDetail(caller.workspace!, id);
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

function msOf(time: string | null | undefined): number | null {
  return time == null ? null : Date.parse(time);
}
