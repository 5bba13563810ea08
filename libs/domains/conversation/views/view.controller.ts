import { Readable } from 'node:stream';
import { Inject } from '@nestjs/common';
import { FieldReads } from '../../../platform/fields/field-reads.js';
import { newId, toId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { fieldTables } from '../fields/field-tables.js';
import { ConversationSearch, type Search } from '../search/conversation-search.js';
import { conditionWith, declaredFor } from '../search/field-conditions.js';
import type { Filter } from '../search/filter.js';
import { filterSql } from '../search/filter-sql.js';
import { searchProjection } from '../search/search.projection.js';
import { SqlValues } from '../search/sql-values.js';
import { keptFilter } from './kept-filter.js';
import { viewAggregate, viewNamed } from './view.aggregate.js';
import {
  countViewConversations,
  getView,
  listViewConversations,
  listViews,
  updateView,
  upsertView,
} from './view.operations.js';
import { type View, ViewQueries } from './view.queries.js';

const NDJSON = 'application/x-ndjson';

@OperationController()
export class ViewController {
  private readonly queries: ViewQueries;
  private readonly search: ConversationSearch;
  private readonly fields: FieldReads;

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {
    this.queries = new ViewQueries(ports.reads);
    this.search = new ConversationSearch(ports.reads);
    this.fields = new FieldReads(ports.reads, fieldTables);
  }

  @Handles(upsertView)
  async upsert({ body }: InputOf<typeof upsertView>, caller: Caller): Promise<Reply> {
    const { name, owner_id: owner = null, sort, order } = body;
    const filter = body.filter === undefined ? undefined : await this.kept(body.filter, caller);
    return this.ports.shell.execute({
      aggregate: viewAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: viewNamed(owner, name), orNew: newId('vie') },
      references: owner === null ? [] : [owner],
      command: { name, owner, filter, sort, order },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateView)
  async update({ params, body }: InputOf<typeof updateView>, caller: Caller): Promise<Reply> {
    const { name, sort, order, archived } = body;
    const filter = body.filter === undefined ? undefined : await this.kept(body.filter, caller);
    const claims = name === undefined ? [] : [viewNamed(await this.ownerOf(params.id, caller), name)];
    return this.ports.shell.execute({
      aggregate: viewAggregate,
      caller,
      workspace: caller.workspace!,
      stream: params.id,
      ...(claims.length === 0 ? {} : { claims }),
      // Its own names are taken as well, by itself: the decider tells the two apart.
      toleratesTaken: true,
      command: ({ stream, taken }) => {
        const other = [...taken.values()].map((uuid) => toId('vie', uuid)).find((id) => id !== stream);
        return { name, filter, sort, order, archived, nameIsOf: other };
      },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getView)
  async get({ params }: InputOf<typeof getView>, caller: Caller): Promise<Reply> {
    const { view, version } = await this.queries.one(caller.workspace!, params.id);
    return ok(view, version);
  }

  @Handles(listViews)
  async list({ query }: InputOf<typeof listViews>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.list(caller.workspace!, query, query));
  }

  @Handles(listViewConversations)
  async conversations({ params, query }: InputOf<typeof listViewConversations>, caller: Caller): Promise<Reply> {
    const workspace = caller.workspace!;
    const [{ view }] = await Promise.all([
      this.queries.one(workspace, params.id),
      this.ports.caughtUp(searchProjection.name, query.wait_for),
    ]);
    const search = searchOf(view);
    if (caller.accept === NDJSON) {
      return { status: 200, body: Readable.from(lines(this.search.all(workspace, search))), contentType: NDJSON };
    }
    const list = new ListCursor('view', workspace, { id: view.id, ...search });
    return ok(await this.search.page(workspace, search, query, list));
  }

  @Handles(countViewConversations)
  async count({ params, query }: InputOf<typeof countViewConversations>, caller: Caller): Promise<Reply> {
    const { view } = await this.queries.one(caller.workspace!, params.id);
    return ok(await this.search.count(caller.workspace!, searchOf(view), query.group_by));
  }

  /** Throws also what asking by the filter would throw. */
  private async kept(filter: Filter | null, caller: Caller): Promise<string | null> {
    const declared = await declaredFor(filter ?? undefined, caller.workspace!, this.fields);
    if (filter !== null) filterSql(filter, new SqlValues(), conditionWith(declared));
    return keptFilter(filter, declared);
  }

  private async ownerOf(id: string, caller: Caller): Promise<string | null> {
    return (await this.queries.one(caller.workspace!, id)).view.owner_id;
  }
}

function searchOf({ filter, sort, order }: View): Search {
  return { filter: filter ?? undefined, notes: false, highlights: 0, order: { sort, direction: order } };
}

async function* lines(items: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const item of items) yield `${item}\n`;
}
