import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Actor } from '../../../platform/kernel/event.js';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { loggedError } from '../../../platform/observability/logged-error.js';
import { type Caller, systemCaller } from '../../../platform/operations/caller.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { Rounds } from '../../../platform/runtime/rounds.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { hintOthers } from '../queue/hints.js';
import { drawRun } from '../queue/run-numbers.js';
import { messageAggregate } from './message.aggregate.js';

/** Dead letters of an endpoint that are to be sent again, together. */
export interface Redrive {
  workspace: string;
  endpoint: string;
  run: number;
  letters: readonly string[];
  actor: Actor;
}

interface RedriveRow {
  endpoint: string;
  workspace: string;
  run: number;
  letters: string[];
  actor: string;
}

const EVERY_MS = 5000;
/** Whoever asked carries it out; after so long they do not any more. */
const LEFT_AFTER_S = 30;
const COMMANDS_AT_ONCE = 500;
const LEFT_AT_ONCE = 10;

const ASK = `
  insert into webhooks.redrives (endpoint, run, workspace, letters, actor) values ($1, $2, $3, $4::uuid[], $5)`;
const LEFT = `
  select endpoint, workspace, run, letters::text[] as letters, actor from webhooks.redrives
   where asked_at < clock_timestamp() - make_interval(secs => $1) order by asked_at limit ${LEFT_AT_ONCE}`;
/** All rows of a run at once: its reader goes by positions, and would pass those that come later and lie before. */
const FINISH = `
  with asked as (delete from webhooks.redrives where endpoint = $1 and run = $2 returning endpoint, run)
  insert into webhooks.fresh (endpoint, run, position, workspace, stream, pin)
  select d.endpoint, asked.run, d.event_position, d.workspace, split_part(d.event_stream, '_', 2)::uuid, d.pin
    from asked join webhooks.webhook_dead_letters d on d.endpoint = asked.endpoint and d.redriven_run = asked.run
   where not exists (select from webhooks.webhook_endpoints e where e.id = asked.endpoint and e.deleted)
   order by 3
  on conflict do nothing`;

/**
 * Sends dead letters again: writes down what is to be done, says so on the log of each, and then, in one statement, puts those of
 * which the log says it into the queue and crosses out what was written down. Killed anywhere, it is done from the beginning by
 * whoever finds it written down: a command of a letter that has its run changes nothing, and of two who finish one finds nothing to
 * cross out. A letter that another run was faster with is that one's.
 */
@Injectable()
export class Redrives implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds: Rounds;

  constructor(@Inject(portsOf('webhooks')) private readonly ports: ServicePorts) {
    this.rounds = new Rounds(EVERY_MS, (over) => this.goOn(over));
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.end();
  }

  /** Writes it down: from then on it will be done. */
  async ask(caller: Caller, endpoint: string, letters: readonly string[]): Promise<Redrive> {
    const { installation } = this.ports;
    const workspace = caller.workspace!;
    const run = await drawRun(installation, workspace, endpoint);
    const hexes = letters.map((id) => idToBytes(id).toString('hex'));
    const values = [idToBytes(endpoint), run, idToBytes(workspace), hexes, JSON.stringify(caller.actor)];
    await installation.query({ name: 'ask redrive', text: ASK, values });
    return { workspace, endpoint, run, letters, actor: caller.actor };
  }

  /** It is not to be done after all. */
  async takeBack({ endpoint, run }: Redrive): Promise<void> {
    const text = 'delete from webhooks.redrives where endpoint = $1 and run = $2';
    await this.ports.installation.query({ name: 'take back redrive', text, values: [idToBytes(endpoint), run] });
  }

  /** Resolves when all is in the queue, with a place in the log that has all of its events; null where others wrote them. */
  async carryOut(redrive: Redrive): Promise<string | null> {
    const { endpoint, run, letters } = redrive;
    let position: string | null = null;
    // Answers come in the order in which their events were appended.
    const say = async (id: string) => {
      position = (await this.say(redrive, id)).position ?? position;
    };
    for (let from = 0; from < letters.length; from += COMMANDS_AT_ONCE) {
      await Promise.all(letters.slice(from, from + COMMANDS_AT_ONCE).map(say));
    }
    const finish = { name: 'finish redrive', text: FINISH, values: [idToBytes(endpoint), run] };
    await this.ports.installation.transaction([finish, hintOthers([endpoint], run)]);
    return position;
  }

  /** What others left undone. */
  async goOn(over: AbortSignal, afterS = LEFT_AFTER_S): Promise<void> {
    const { rows } = await this.ports.installation.query<RedriveRow>({
      name: 'redrives left',
      text: LEFT,
      values: [afterS],
    });
    for (const row of rows) {
      if (over.aborted) return;
      await this.carryOut(redriveOf(row)).catch((error: unknown) => {
        this.ports.log.warn(loggedError(error), 'dead letters that somebody asked for cannot be sent again now');
      });
    }
  }

  private say({ workspace, actor, run }: Redrive, letter: string): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: messageAggregate,
      caller: { ...systemCaller(workspace, 'webhook_redrive', [], true), actor },
      workspace,
      stream: letter,
      command: { type: 'redrive', run },
      respond: () => ({ status: 200, body: {} }),
    });
  }
}

function redriveOf({ endpoint, workspace, run, letters, actor }: RedriveRow): Redrive {
  return {
    endpoint: toId('whe', endpoint),
    workspace: toId('wsp', workspace),
    run,
    letters: letters.map((id) => toId('wdl', id)),
    actor: JSON.parse(actor) as Actor,
  };
}
