import { isUtf8 } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { conversationAggregate } from '../conversation.aggregate.js';
import type { ImportConversation } from '../conversation.commands.js';
import { type ImportLine, importLine } from './import-line.js';

/** What became of one line. */
export interface LineOutcome {
  outcome: 'created' | 'skipped';
  /** How many messages were added. */
  messages: number;
}

const TRIES = 60;
const PAUSE_MS = 500;

/**
 * Brings conversations in as commands. Each line is one append, whole or not at all, and is known again by its ids:
 * an import that was cut off goes on by being sent again.
 */
export class ConversationImporter {
  private readonly parties = new Map<string, Promise<string>>();
  private readonly workspaces = new Map<string, Promise<string>>();
  private readonly underWay = new Map<string, Promise<unknown>>();

  /** `workspace` is null where each line's organization names it. */
  constructor(
    private readonly ports: ServicePorts,
    private readonly caller: Caller,
    private readonly workspace: string | null,
  ) {}

  /** Throws `Problem` for a line that is refused. Lines of one conversation are taken one after the other. */
  async take(bytes: Buffer): Promise<LineOutcome> {
    const line = parse(bytes);
    const workspace = this.workspace ?? (await this.workspaceOf(line));
    const key = JSON.stringify([workspace, line.conversation]);
    const before = this.underWay.get(key) ?? Promise.resolve();
    const taken = before.then(() => this.patiently(() => this.import(workspace, line)));
    const settled = taken.catch(() => undefined);
    this.underWay.set(key, settled);
    try {
      return await taken;
    } finally {
      if (this.underWay.get(key) === settled) this.underWay.delete(key);
    }
  }

  /** A store that goes away for a while does not end an import. */
  private async patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const code = error instanceof Problem ? error.code : null;
        const again = code === 'unavailable' || code === 'external_id_taken';
        if (!again || tries === TRIES) throw error;
        await sleep(code === 'unavailable' ? PAUSE_MS : 0);
      }
    }
  }

  private async import(workspace: string, line: ImportLine): Promise<LineOutcome> {
    const caller = { ...this.caller, workspace, idempotency: null, ifMatch: null };
    const openedAt = Date.parse(line.messages[0]!.at);
    const customer = await this.party(caller, 'customers', line.customer, openedAt);
    const authors = await Promise.all(
      line.messages.map(({ author, at }) =>
        this.party(caller, author.type === 'agent' ? 'users' : 'customers', author.id, Date.parse(at)),
      ),
    );
    const claim = { kind: 'conversation', value: line.conversation };
    const known = await this.ports.shell.resolve(workspace, 'conv', claim);
    const stream = known ?? newId('conv');
    let added = 0;
    await this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace,
      stream: { claim, orNew: stream },
      subject: customer,
      references: [...new Set([customer, ...authors])],
      claims: line.messages.map(({ id }) => ({ kind: 'message', scope: stream, value: id })),
      toleratesTaken: true,
      command: (resolution): ImportConversation => {
        // Another import made it since: its messages are claimed under another conversation's id.
        if (resolution.stream !== stream)
          throw new Problem('external_id_taken', 'The conversation was made meanwhile.');
        const command = commandOf(line, customer, authors, resolution.taken);
        added = command.messages.length;
        return command;
      },
      respond: () => ({ status: 200, body: {} }),
    });
    return { outcome: known === null ? 'created' : 'skipped', messages: added };
  }

  private workspaceOf({ organization }: ImportLine): Promise<string> {
    if (organization === undefined) {
      throw new Problem('invalid_request', '/organization is missing, and was to name the workspace.');
    }
    return remember(this.workspaces, organization, async () => {
      const body = { name: organization, external_id: organization };
      const known = await this.ports.invoker.invoke<{ data: { id: string }[] }>(
        'workspaces.list',
        { query: { external_id: organization, limit: 1 } },
        this.caller,
      );
      if (known.data[0] !== undefined) return known.data[0].id;
      const made = await this.ports.invoker.invoke<{ id: string }>('workspaces.create', { body }, this.caller);
      return made.id;
    });
  }

  /** The customer or user of an external id, made under that name where there is none yet. */
  private party(caller: Caller, kind: 'customers' | 'users', externalId: string, at: number): Promise<string> {
    return remember(this.parties, JSON.stringify([caller.workspace, kind, externalId]), async () => {
      const known = await this.ports.invoker.invoke<{ data: { id: string }[] }>(
        `${kind}.list`,
        { query: { external_id: externalId, limit: 1 } },
        caller,
      );
      if (known.data[0] !== undefined) return known.data[0].id;
      const body = { external_id: externalId, name: externalId.slice(0, 200) };
      const made = await this.ports.invoker.invoke<{ id: string }>(
        `${kind}.upsert`,
        { body },
        { ...caller, occurredAt: at },
      );
      return made.id;
    });
  }
}

/** Makes each thing once, also for those who ask meanwhile; what failed is tried again. */
function remember(made: Map<string, Promise<string>>, key: string, make: () => Promise<string>): Promise<string> {
  let promise = made.get(key);
  if (promise === undefined) {
    promise = make();
    made.set(key, promise);
    promise.catch(() => made.delete(key));
  }
  return promise;
}

function parse(bytes: Buffer): ImportLine {
  if (!isUtf8(bytes)) throw new Problem('malformed_request', 'The line is not UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Problem('malformed_request', 'The line is not JSON.');
  }
  const result = importLine.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new Problem('invalid_request', `/${path.join('/')}: ${message}.`);
  }
  const ids = new Set(result.data.messages.map((message) => message.id));
  if (ids.size < result.data.messages.length) {
    throw new Problem('invalid_request', '/messages: two have the same id.');
  }
  return result.data;
}

function commandOf(
  line: ImportLine,
  customerId: string,
  authors: readonly string[],
  taken: ReadonlyMap<number, string>,
): ImportConversation {
  const messages = line.messages.map((message, i) => ({
    messageId: newId('msg'),
    author: { type: message.author.type === 'agent' ? 'user' : 'customer', id: authors[i]! },
    channel: null,
    messageType: 'text',
    text: message.text,
    externalId: message.id,
    occurredAt: Date.parse(message.at),
    resolves: message.resolves === true ? { article: message.article ?? null } : null,
  }));
  return {
    type: 'import',
    open: {
      type: 'open',
      customerId,
      channel: line.channel,
      title: null,
      externalId: line.conversation,
      occurredAt: Date.parse(line.messages[0]!.at),
    },
    messages: messages.filter((_, i) => !taken.has(i)),
  };
}
