import { endOfChain } from '../../../platform/kernel/chain.js';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { notFound } from '../not-found.js';

interface LinkRow {
  kind: string;
  other: string;
  place: number;
}

interface ReferenceRow {
  reference: string;
  type: string;
  external_id: string;
  url: string | null;
  title: string | null;
  added_at: string;
}

/** What the row's kind is called from the end that its stream does not hold, and its place in a list. */
const KINDS = `(values ('related', 'related', 1), ('parent', 'child', 2), ('duplicate_of', 'duplicated_by', 3),
                       ('merged_into', 'merged_from', 4), ('forked_from', 'forked_to', 5)) k (kind, from_there, place)`;

/** Both ends: twice the place, and one more for what another stream holds. */
const LINKS = `
  select * from (
    select k.kind, l.other, 2 * k.place as place
      from conversation.links l join ${KINDS} on k.kind = l.kind where l.conversation = $1
    union all
    select k.from_there, l.conversation, 2 * k.place + 1
      from conversation.links l join ${KINDS} on k.kind = l.kind where l.other = $1) as links
   where (other, place) > ($2::uuid, $3::integer) order by other, place limit $4`;

/** From a conversation along its merges, in their order; further than anybody merges by hand. */
const WAY = `
  with recursive way as (
    select conversation, other, 1 as n from conversation.links where conversation = $1 and kind = 'merged_into'
    union all
    select l.conversation, l.other, way.n + 1
      from way join conversation.links l on l.conversation = way.other and l.kind = 'merged_into' where way.n < 1000)
  select conversation, other from way order by n`;

export interface MergeTarget {
  id: string;
  /** Its own merge, where merges lead round: what was done at the same moment may. Null as a rule. */
  despite: string | null;
}

/** All conversations that merges lead through, the first one and the last one among them. */
export interface MergeWay {
  target: MergeTarget;
  passed: readonly string[];
}

/** Reads of how conversations belong together; each sees one workspace and never writes. */
export class LinkQueries {
  constructor(private readonly reads: ReadPool) {}

  async links(workspace: string, id: string, { limit, cursor }: PageQuery): Promise<object> {
    const list = new ListCursor('links', workspace, { id });
    const after = list.decode(cursor, 17) ?? Buffer.alloc(17);
    const [{ rows }] = await Promise.all([
      this.reads.query<LinkRow>(workspace, {
        name: 'links',
        text: LINKS,
        values: [idToBytes(id), after.subarray(0, 16), after[16], limit + 1],
      }),
      this.conversation(workspace, id),
    ]);
    return toPage(
      rows,
      limit,
      ({ kind, other }) => ({ kind, conversation_id: toId('conv', other) }),
      ({ other, place }) => list.encode(Buffer.concat([idToBytes(toId('conv', other)), Buffer.of(place)])),
    );
  }

  async references(workspace: string, id: string, { limit, cursor }: PageQuery): Promise<object> {
    const list = new ListCursor('refs', workspace, { id });
    const after = list.decode(cursor, 16) ?? Buffer.alloc(16);
    const [{ rows }] = await Promise.all([
      this.reads.query<ReferenceRow>(workspace, {
        name: 'refs',
        text: `select reference, type, external_id, url, title, added_at from conversation.refs
                where conversation = $1 and reference > $2 order by reference limit $3`,
        values: [idToBytes(id), after, limit + 1],
      }),
      this.conversation(workspace, id),
    ]);
    return toPage(
      rows,
      limit,
      ({ reference, ...rest }) => ({ id: toId('ref', reference), ...rest }),
      ({ reference }) => list.encode(idToBytes(toId('ref', reference))),
    );
  }

  /** Whose it is, and its channel. Throws `not_found`. */
  async conversation(workspace: string, id: string): Promise<{ customer: string; channel: string }> {
    const found = await this.find(workspace, id);
    if (found === null) throw notFound(id);
    return found;
  }

  /** The same of one that a request names. Throws `unknown_reference`. */
  async named(workspace: string, id: string): Promise<{ customer: string; channel: string }> {
    const found = await this.find(workspace, id);
    if (found === null) throw new Problem('unknown_reference', `There is no ${id} in this workspace. Make it first.`);
    return found;
  }

  /** Where a conversation goes on, by all merges that are known: itself where it was not merged. */
  async target(workspace: string, id: string): Promise<MergeTarget> {
    return (await this.way(workspace, id)).target;
  }

  /** The same, and what is passed on the way there. */
  async way(workspace: string, id: string): Promise<MergeWay> {
    const { rows } = await this.reads.query<{ conversation: string; other: string }>(workspace, {
      name: 'way_of_merges',
      text: WAY,
      values: [idToBytes(id)],
    });
    const steps = rows.map(({ conversation, other }) => ({
      from: toId('conv', conversation),
      into: toId('conv', other),
    }));
    return { target: targetOf(id, steps), passed: [...new Set([id, ...steps.map(({ into }) => into)])] };
  }

  private async find(workspace: string, id: string): Promise<{ customer: string; channel: string } | null> {
    const { rows } = await this.reads.query<{ customer: string; channel: string }>(workspace, {
      name: 'linked_conversation',
      text: 'select customer, channel from conversation.conversations where conversation = $1',
      values: [idToBytes(id)],
    });
    const [found] = rows;
    return found === undefined ? null : { ...found, customer: toId('cus', found.customer) };
  }
}

/**
 * The end of a way of merges. Two that were made at the same moment may lead round: then everybody agrees on the oldest
 * conversation of the round, and it goes on as if it had not been merged.
 */
export function targetOf(id: string, way: readonly { from: string; into: string }[]): MergeTarget {
  const into = new Map(way.map((step) => [step.from, step.into]));
  const end = endOfChain(id, into);
  return { id: end, despite: into.get(end) ?? null };
}
