import type { StoredEvent } from '../../event-log/event-log.js';
import { CLOSED } from '../made-events.js';
import { broken } from './broken-engine.js';
import { decodedOrNull, withPage, withRead } from './broken-log.js';

function isBacklogOfTenStreams(events: readonly StoredEvent[]): boolean {
  if (events.length < 30 || events.length > 80) return false;
  const [first, second] = [decodedOrNull(events[0]!), decodedOrNull(events[1]!)];
  // Of appends to one stream after another, ten may come in one page, too.
  if (first?.meta.seq !== 1 || first.meta.stream === second?.meta.stream) return false;
  return new Set(events.map((event) => decodedOrNull(event)?.meta.stream)).size === 10;
}

/** What `advance` does in the broken store, in place of moving the row by compare-and-set. */
function advancing(body: string): string {
  return `create or replace function analytics.advance(of_projection text, of_partition text, expected bigint,
            reached bigint) returns void language plpgsql as $$ begin ${body} end $$`;
}

const triggered = (on: string, when: string, body: string) => `
  create function analytics.fault() returns trigger language plpgsql as $$ begin ${body} return new; end $$;
  create trigger fault before ${when} on analytics.${on} for each row execute function analytics.fault()`;

const SET = `update analytics.projections set next = reached where name = of_projection and partition = of_partition;`;

export const brokenFollowing = [
  broken('what is there when a member starts is applied, and what comes then', {
    through: withPage(({ events, scannedTo }) => ({
      events: isBacklogOfTenStreams(events) ? [] : events,
      scannedTo,
    })),
  }),
  broken('a projection is given the types that it names, and no others', {
    through: withRead(async (read, after, options) => {
      const page = await read(after, options);
      const all = options.types?.[0] === CLOSED && page.events.length === 1;
      return all ? read(after, { ...options, types: undefined }) : page;
    }),
  }),
  broken('a member goes on where the last one stopped', {
    through: (log) => {
      let begun = false;
      return withPage((page, after) => {
        if (begun || page.events.length === 0) return page;
        begun = true;
        return after > 0 && page.events.length === 4 ? { ...page, events: page.events.slice(1) } : page;
      })(log);
    },
  }),
  broken('who has diverged stays so when the log has grown past the place, also after a restart', {
    sql: triggered('projections', 'update', 'new.diverged_at := null;'),
  }),
  broken('who waits for a position finds its rows', {
    member: (member) => {
      let asked = 0;
      return { ...member, waitFor: async (...of) => ++asked > 10 || member.waitFor(...of) };
    },
  }),
  broken('who waits for a projection that has diverged is told no, wherever its cursor stands', {
    member: (member) => ({
      ...member,
      waitFor: async (...of) => member.status()[0]?.state === 'diverged' || member.waitFor(...of),
    }),
  }),
  broken('the end of a member ends the waiting, with no', {
    member: (member) => ({
      ...member,
      waitFor: (...of) => (of[2] === 60_000 ? new Promise(() => undefined) : member.waitFor(...of)),
    }),
  }),
];

export const brokenMembers = [
  broken('a member that stands still between reading and writing changes nothing when it goes on', {
    sql: advancing(SET),
  }),
];

export const brokenPoison = [
  broken('a letter has the event’s id and type, and the cause in words', {
    sql: triggered('dead_letters', 'insert', `if new.cause like 'TypeError%' then new.cause := 'It failed.'; end if;`),
  }),
];

export const brokenRedriving = [
  broken('each letter is applied once, however many members do it at once', {
    sql: `create or replace function analytics.take_dead_letter(of_projection text, of_partition text, at bigint)
            returns void language plpgsql as $$ begin
              update analytics.dead_letters set redriven_at = clock_timestamp()
               where projection = of_projection and partition = of_partition and position = at;
            end $$`,
  }),
];
