import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { conversationAggregate } from '../conversation.aggregate.js';
import type { ImportConversation } from '../conversation.commands.js';
import { NOTHING_MORE } from '../messages/message.commands.js';
import type { ImportLine } from './import-line.js';
import { organizationOf } from './organization-of.js';
import { parseLine } from './parse-line.js';
import { Remembered } from './remembered.js';
import type { Turnstile } from './turnstile.js';

/** What became of one line. */
export interface LineOutcome {
  outcome: 'created' | 'skipped';
  /** How many messages were added. */
  messages: number;
}

const TRIES = 60;
const PAUSE_MS = 500;
/** The most messages in one command: what comes while it is carried out waits for it. */
const AT_ONCE = 100;
const LINES_ALONE = 16;
/** Half as fast, and the others' 99th percentile is two thirds of what it would be beside 16. */
const LINES_BESIDE_OTHERS = 4;
/** About 200 bytes each. */
const REMEMBERED = 10_000;

/**
 * Brings conversations in as commands. A line is one append, or several where it has more than 100 messages, each
 * whole or not at all; conversations and messages are known again by their ids, so that an import that was cut off
 * goes on by being sent again.
 */
export class ConversationImporter {
  private readonly parties = new Remembered(REMEMBERED);
  private readonly workspaces = new Remembered(REMEMBERED);
  private readonly underWay = new Map<string, Promise<unknown>>();
  private parsed: Promise<unknown> = Promise.resolve();
  private stopped = false;
  private readonly caller: Caller;

  /** `workspace` is null where each line's organization names it; `room` is for messages under way. */
  constructor(
    private readonly ports: ServicePorts,
    caller: Caller,
    private readonly workspace: string | null,
    private readonly room: Turnstile,
  ) {
    this.caller = { ...caller, bulk: true };
  }

  /** How many lines may be under way: enough to fill the append's groups; fewer while others send commands. */
  get linesAtOnce(): number {
    return this.ports.shell.servesOthers ? LINES_BESIDE_OTHERS : LINES_ALONE;
  }

  /** Throws `Problem` for a line that is refused. Lines of one conversation are taken one after the other. */
  async take(bytes: Buffer | null): Promise<LineOutcome> {
    const line = await this.parse(bytes);
    const workspace = this.workspace ?? (await this.workspaceOf(line));
    const key = JSON.stringify([workspace, line.conversation]);
    const before = this.underWay.get(key) ?? Promise.resolve();
    const taken = before.then(() => this.import(workspace, line));
    const settled = taken.catch(() => undefined);
    this.underWay.set(key, settled);
    try {
      return await taken;
    } finally {
      if (this.underWay.get(key) === settled) this.underWay.delete(key);
    }
  }

  /** Nobody waits for it any more: lines that are under way end with their next command. */
  stop(): void {
    this.stopped = true;
  }

  /** One line after the other: parts of many at a time would hold everybody up as much as a long one whole. */
  private parse(bytes: Buffer | null): Promise<ImportLine> {
    const line = this.parsed.then(() => parseLine(bytes));
    this.parsed = line.catch(() => undefined);
    return line;
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
    // One id for all tries: a conversation that has it was made by this line, also where the answer was lost.
    const made = newId('conv');
    let stream: string | null = null;
    let messages = 0;
    for (let from = 0; from < line.messages.length; from += AT_ONCE) {
      const part = { ...line, messages: line.messages.slice(from, from + AT_ONCE) };
      const done = await this.room.within(part.messages.length, () =>
        this.patiently(() => this.importPart(workspace, part, stream, made)),
      );
      stream = done.stream;
      messages += done.messages;
    }
    return { outcome: stream === made ? 'created' : 'skipped', messages };
  }

  /** `stream` is null for the first part, which finds the conversation or makes it under the id `made`. */
  private async importPart(
    workspace: string,
    part: ImportLine,
    known: string | null,
    made: string,
  ): Promise<{ stream: string; messages: number }> {
    if (this.stopped) throw new Error('The import was broken off.');
    const caller = { ...this.caller, workspace, idempotency: null, ifMatch: null };
    const openedAt = Date.parse(part.messages[0]!.at);
    const customer = await this.party(caller, 'customers', part.customer, openedAt);
    const authors = await Promise.all(
      part.messages.map(({ author, at }) =>
        this.party(caller, author.type === 'agent' ? 'users' : 'customers', author.id, Date.parse(at)),
      ),
    );
    const claim = { kind: 'conversation', value: part.conversation };
    const stream = known ?? (await this.ports.shell.resolve(workspace, 'conv', claim)) ?? made;
    let messages = 0;
    const reply = await this.ports.shell.execute({
      aggregate: conversationAggregate,
      caller,
      workspace,
      stream: known ?? { claim, orNew: stream },
      subject: customer,
      references: [...new Set([customer, ...authors])],
      claims: part.messages.map(({ id }) => ({ kind: 'message', scope: stream, value: id })),
      toleratesTaken: true,
      command: (resolution): ImportConversation => {
        // Another import made it since: its messages are claimed under another conversation's id.
        if (resolution.stream !== stream)
          throw new Problem('external_id_taken', 'The conversation was made meanwhile.');
        const command = commandOf(part, customer, authors, resolution.taken);
        messages = command.messages.length;
        return command;
      },
      respond: () => ({ status: 200, body: {} }),
    });
    if (reply.status >= 400) {
      const { code, detail } = JSON.parse(reply.body as string) as Pick<Problem, 'code' | 'detail'>;
      throw new Problem(code, detail);
    }
    return { stream, messages };
  }

  private async workspaceOf(line: ImportLine): Promise<string> {
    const organization = organizationOf(line);
    return this.workspaces.of(organization, async () => {
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
    return this.parties.of(JSON.stringify([caller.workspace, kind, externalId]), async () => {
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
    ...NOTHING_MORE,
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
