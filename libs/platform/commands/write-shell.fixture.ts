import pg from 'pg';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { EventCodec } from '../event-codec/event-codec.js';
import { identifyStore, type StoreIdentity } from '../event-store/epoch.js';
import { type Decider, refuse } from '../kernel/decider.js';
import type { DomainEvent } from '../kernel/event.js';
import { idToBytes, newId, toId } from '../kernel/id.js';
import { KeyStore } from '../keys/key-store.js';
import type { Caller } from '../operations/caller.js';
import type { Reply } from '../operations/reply.js';
import { idArray, int4Array, textArray } from '../postgres/binary-array.js';
import { Connection } from '../postgres/connection.js';
import { migrate } from '../postgres/migrate.js';
import type { Projection } from '../projections/projection.js';
import { createTestDatabase } from '../testing/test-database.js';
import { until } from '../testing/until.js';
import type { Aggregate, CommandRequest } from './command.js';
import { idempotencyKey, requestFingerprint } from './idempotency.js';
import { WriteShell, type WriteShellOptions } from './write-shell.js';

/**
 * Adds a word to a stream. The event says the word's number, which the decider counts in its state: so an event that
 * was decided on a state that never was shows in the log, where number and seq are not the same.
 */
export interface AddWord {
  word: string;
  /** Refused unless this was the last word. */
  after?: string;
  /** Refused at so many words. */
  most?: number;
  /** Turned away at so many words, by a refusal that is not kept. */
  mostUnkept?: number;
  /** Not found where there is no stream yet. */
  existing?: boolean;
  /** Makes an event whose data does not fit its schema. */
  unfit?: boolean;
}

export interface Words {
  count: number;
  last: string;
}

function decide(
  created: string,
  added: string,
  { word, after, most, mostUnkept, existing, unfit }: AddWord,
  state: Words | null,
) {
  if (mostUnkept !== undefined && (state?.count ?? 0) >= mostUnkept) return refuse('changed_meanwhile', 'Come again.');
  if (state === null && existing) return refuse('not_found', 'There are no words yet.');
  if (after !== undefined && state?.last !== after) return refuse('conversation_not_closed', `${after} is not last.`);
  if (most !== undefined && (state?.count ?? 0) >= most) return refuse('conversation_closed', `There are ${most}.`);
  const name = unfit ? (42 as never) : `${(state?.count ?? 0) + 1}:${word}`;
  return [state === null ? { type: created, data: { external_id: 'x', name } } : { type: added, data: { name } }];
}

function evolve(state: Words | null, event: DomainEvent): Words {
  const { name } = event.data as { name: string };
  return { count: (state?.count ?? 0) + 1, last: String(name).replace(/^\d+:/, '') };
}

type WordsAggregate = Aggregate<AddWord, Words, DomainEvent>;
type WordsDecider = Decider<AddWord, Words, DomainEvent>;

/** Words of nobody: nothing is sealed. */
export const words: WordsAggregate = {
  type: 'ai_agent',
  prefix: 'aia',
  decider: { decide: decide.bind(null, 'ai_agent.created', 'ai_agent.renamed') as WordsDecider['decide'], evolve },
  subjectOf: () => null,
};

/** Words of a person: sealed with their key, and so is the state. */
export const personalWords: WordsAggregate = {
  type: 'customer',
  prefix: 'cus',
  decider: { decide: decide.bind(null, 'customer.created', 'customer.renamed') as WordsDecider['decide'], evolve },
  subjectOf: (_state, stream) => stream,
  personalState: true,
};

/** A row an event; one that says `poison` is refused by the table. */
const spoken: Projection = {
  name: 'spoken',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['spoken'],
  definition: [],
  types: ['ai_agent.created', 'ai_agent.renamed', 'customer.created', 'customer.renamed'],
  project: (events, table) => [
    {
      name: 'spoken',
      text: `insert into ${table('spoken')} select * from unnest($1::uuid[], $2::integer[], $3::text[])`,
      values: [
        idArray(events.map(({ meta }) => meta.stream)),
        int4Array(events.map(({ meta }) => meta.seq)),
        textArray(events.map(({ data }) => (data as { name: string }).name)),
      ],
    },
  ],
};

export interface Add extends AddWord {
  stream?: string;
  aggregate?: WordsAggregate;
  workspace?: string;
  key?: string;
  fingerprint?: string;
  ifMatch?: number;
  more?: Partial<CommandRequest<AddWord, Words, DomainEvent>>;
}

/** A shell with its sessions, as one process has them. */
export interface TestShell {
  shell: WriteShell;
  keys: KeyStore;
  append: Connection;
  add(what: Add): Promise<Reply>;
}

export interface ShellHooks {
  beforeAppend?: () => Promise<void>;
  /** Runs before the path that decides under the lock. */
  beforeLock?: () => Promise<void>;
  groupWeight?: number;
  groupsUnderWay?: number;
}

/** A store with shells on it, and the checker of what they left behind. */
export async function openStore() {
  const database = await createTestDatabase();
  await migrate(
    database.url,
    ['conversation'],
    [
      { schema: 'log', folder: 'libs/platform/event-store/migrations' },
      { schema: 'keys', folder: 'libs/platform/keys/migrations' },
    ],
  );
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(
    `create table conversation.spoken (stream uuid, seq integer, name text check (name not like '%poison%'),
       primary key (stream, seq));
     grant select, insert on conversation.spoken to heddle_conversation`,
  );
  const codec = new EventCodec(EVENT_SCHEMAS);
  const connections: Connection[] = [];
  const workspace = newId('wsp');
  const errors: object[] = [];

  function openShell(hooks: ShellHooks = {}): TestShell {
    let identity: StoreIdentity = { id: '', epochs: [], awaitsKafka: false };
    const role = 'heddle_conversation';
    const append = new Connection({
      url: database.url,
      role,
      applicationName: `append ${connections.length}`,
      parameters: { lock_timeout: '3s', idle_in_transaction_session_timeout: '1s' },
      onConnect: async (client) => {
        identity = await identifyStore({ query: (statement) => client.query(statement) });
      },
    });
    const reads = new Connection({ url: database.url, role, applicationName: `reads ${connections.length}` });
    connections.push(append, reads);
    const exclusively = append.exclusively.bind(append);
    append.exclusively = async (work) => {
      await hooks.beforeLock?.();
      return exclusively(work);
    };
    const keys = new KeyStore();
    const options: WriteShellOptions = {
      service: 'conversation',
      append,
      reads,
      codec,
      keys,
      inline: [spoken],
      store: () => identity,
      secret: () => 'of the tests',
      reidentify: async () => {
        identity = await append.exclusively((query) => identifyStore({ query }));
        shell.forget();
      },
      appended: () => undefined,
      log: { error: (detail) => void errors.push(detail) },
    };
    if (hooks.beforeAppend !== undefined) options.beforeAppend = () => hooks.beforeAppend!();
    if (hooks.groupWeight !== undefined) options.groupWeight = hooks.groupWeight;
    if (hooks.groupsUnderWay !== undefined) options.groupsUnderWay = hooks.groupsUnderWay;
    const shell = new WriteShell(options);
    return {
      shell,
      keys,
      append,
      add: (what) => shell.execute(requestOf(what)),
    };
  }

  function requestOf(what: Add): CommandRequest<AddWord, Words, DomainEvent> {
    const {
      stream,
      aggregate = words,
      workspace: whose = workspace,
      key,
      fingerprint,
      ifMatch,
      more,
      ...command
    } = what;
    return {
      aggregate,
      caller: callerOf(whose, key, fingerprint ?? JSON.stringify(command), ifMatch),
      workspace: whose,
      stream: stream ?? newId(aggregate.prefix),
      command,
      respond: ({ stream, seq, created }) => ({ status: created ? 201 : 200, body: { stream, seq } }),
      ...more,
    };
  }

  return {
    url: database.url,
    admin,
    workspace,
    /** What shells logged as failed. */
    errors,
    openShell,

    async events() {
      const { rows } = await admin.query<{ position: number; stream: string; seq: number; type: string; name: Buffer }>(
        'select position, stream, seq, type, schema_fingerprint, payload from log.events order by position',
      );
      return (rows as unknown as EventRow[]).map(({ schema_fingerprint, payload, ...row }) => {
        const { meta, data } = codec.decode(schema_fingerprint, payload);
        return { ...row, stream: meta.stream, meta, name: data.name as string };
      });
    },

    /** The words of a stream that is not sealed, in order, without their numbers. */
    async wordsOf(stream: string): Promise<string[]> {
      return (await this.events()).filter((e) => e.stream === stream).map(({ name }) => name.replace(/^\d+:/, ''));
    },

    /**
     * That positions and seqs have no hole, that heads are what a fold of the log gives, that the read model has
     * every event once, and that nothing was decided on a state that never was.
     */
    async check(): Promise<void> {
      const events = await this.events();
      expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
      const { rows: spokenRows } = await admin.query<{ stream: string; seq: number; name: string }>(
        'select stream, seq, name from conversation.spoken order by stream, seq',
      );
      const { rows: heads } = await admin.query<{ stream: string; type: string; version: number; state: string }>(
        'select stream, type, version, state from log.streams order by stream',
      );
      const byStream = Map.groupBy(events, ({ meta }) => idToBytes(meta.stream).toString('hex'));
      expect(heads.map(({ stream }) => stream.replaceAll('-', ''))).toEqual([...byStream.keys()].sort());
      expect(spokenRows).toHaveLength(events.length);
      const names = Map.groupBy(spokenRows, ({ stream }) => stream.replaceAll('-', ''));
      for (const { stream, version, state } of heads) {
        const hex = stream.replaceAll('-', '');
        const own = byStream.get(hex)!;
        expect(own.map(({ seq }) => seq)).toEqual(own.map((_, i) => i + 1));
        expect(own.map(({ meta }) => meta.seq)).toEqual(own.map(({ seq }) => seq));
        expect(names.get(hex)!.map(({ name }) => Number.parseInt(name, 10))).toEqual(own.map((_, i) => i + 1));
        expect(version).toBe(own.length);
        if (!state.startsWith('sealed:')) expect(JSON.parse(state)).toMatchObject({ count: own.length });
      }
    },

    async close(): Promise<void> {
      await Promise.all(connections.map((connection) => connection.close()));
      await admin.end();
      await database.drop();
    },
  };

  interface EventRow {
    position: number;
    stream: string;
    seq: number;
    type: string;
    schema_fingerprint: Buffer;
    payload: Buffer;
  }
}

export type Store = Awaited<ReturnType<typeof openStore>>;

function callerOf(workspace: string, key?: string, fingerprint = '', ifMatch?: number): Caller {
  return {
    workspace,
    actor: { type: 'api_key', id: toId('key', '0'.repeat(32)) },
    scopes: new Set(),
    idempotency:
      key === undefined
        ? null
        : { key: idempotencyKey(workspace, 'POST', '/', key), fingerprint: requestFingerprint('', '', fingerprint) },
    ifMatch: ifMatch ?? null,
    requestId: 'req_test',
    traceparent: null,
  };
}

/** A place where a group stops before its append until it is let through. */
export class Gate {
  private readonly reachedIt = Promise.withResolvers<void>();
  private readonly open = Promise.withResolvers<void>();
  private used = false;

  /** What `beforeAppend` awaits: the first group stops, later ones pass. */
  async pass(): Promise<void> {
    if (this.used) return;
    this.used = true;
    this.reachedIt.resolve();
    await this.open.promise;
  }

  get reached(): Promise<void> {
    return this.reachedIt.promise;
  }

  release(): void {
    this.open.resolve();
  }
}

/** A shell that has one group under way, which can be held before its append; what comes meanwhile is the next one. */
export function heldShell(store: Store, hooks: ShellHooks = {}) {
  let gate: Gate | null = null;
  const shell = store.openShell({ groupsUnderWay: 1, ...hooks, beforeAppend: async () => gate?.pass() });
  return {
    ...shell,
    /** Sends the commands as one group, which is decided, and stops before its append until `release`. */
    async hold(group: readonly Add[]) {
      const own = new Gate();
      gate = own;
      const replies = Promise.allSettled(group.map((what) => shell.add(what)));
      await own.reached;
      return { replies, release: () => own.release() };
    },
    /** Holds the next group, too. */
    regate(): Gate {
      gate = new Gate();
      return gate;
    },
    /** Sends the commands so that they are one group, whatever it takes to prepare each of them. */
    async together(group: readonly Add[]) {
      const first = await this.hold([{ word: 'first' }]);
      const before = shell.shell.counts.groups;
      const replies = Promise.allSettled(group.map((what) => shell.add(what)));
      await until(() => shell.shell.waitingCommands === group.length);
      first.release();
      const settled = await replies;
      return { settled, groups: shell.shell.counts.groups - before - 1 };
    },
  };
}

/** Status and body of what was answered, or the problem's status and code. */
export function outcome(result: PromiseSettledResult<Reply>): { status: number; code?: string; seq?: number } {
  if (result.status === 'rejected') {
    const { status, code } = result.reason as { status?: number; code: string };
    return { status: status ?? 500, code };
  }
  const { code, seq } = JSON.parse(result.value.body as string) as { code?: string; seq?: number };
  return {
    status: result.value.status,
    ...(code === undefined ? {} : { code }),
    ...(seq === undefined ? {} : { seq }),
  };
}
