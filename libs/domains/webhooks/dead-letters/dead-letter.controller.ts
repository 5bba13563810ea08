import { Inject } from '@nestjs/common';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { type Bodies, bodiesOn, nameOf } from '../bodies/bodies.js';
import { endpointAggregate } from '../endpoints/endpoint.aggregate.js';
import { EndpointQueries } from '../endpoints/endpoint.queries.js';
import {
  getDeadLetter,
  listDeadLetters,
  MOST_REDRIVEN,
  redriveDeadLetter,
  redriveDeadLetters,
} from './dead-letter.operations.js';
import { DeadLetterQueries } from './dead-letter.queries.js';
import { messageAggregate } from './message.aggregate.js';
import { Redrives } from './redrives.js';

interface ManyRedriven {
  run: number | null;
  messages: number;
  more: boolean;
}

@OperationController()
export class WebhookDeadLetterController {
  private readonly queries: DeadLetterQueries;
  private readonly endpoints: EndpointQueries;
  private readonly bodies: Bodies;

  constructor(
    @Inject(portsOf('webhooks')) private readonly ports: ServicePorts,
    @Inject(Redrives) private readonly redrives: Redrives,
  ) {
    this.queries = new DeadLetterQueries(ports.reads);
    this.endpoints = new EndpointQueries(ports.reads);
    this.bodies = bodiesOn(ports, ports.installation);
  }

  @Handles(listDeadLetters)
  async list({ params, query }: InputOf<typeof listDeadLetters>, caller: Caller): Promise<Reply> {
    await this.endpoints.one(caller.workspace!, params.id);
    const { type, ...filter } = query;
    const types = type === undefined ? undefined : [type];
    return ok(await this.queries.list(caller.workspace!, params.id, { ...filter, types }, query));
  }

  @Handles(getDeadLetter)
  async get({ params }: InputOf<typeof getDeadLetter>, caller: Caller): Promise<Reply> {
    await this.endpoints.one(caller.workspace!, params.id);
    const letter = await this.queries.one(caller.workspace!, params.id, params.dead_letter_id);
    const name = { position: letter.event_position, pin: letter.pin };
    const message = (await this.bodies.read([name])).get(nameOf(name));
    return ok({ ...letter, body: message?.body.toString('utf8') ?? null });
  }

  @Handles(redriveDeadLetter)
  async redriveOne({ params }: InputOf<typeof redriveDeadLetter>, caller: Caller): Promise<Reply> {
    const { id, dead_letter_id: letter } = params;
    const workspace = caller.workspace!;
    await this.endpoints.one(workspace, id);
    const { redriven_run: before } = await this.queries.one(workspace, id, letter);
    const redrive = before === null ? await this.redrives.ask(caller, id, [letter]) : null;
    const position = redrive === null ? null : await this.redrives.carryOut(redrive);
    // Says nothing new, and answers with the run that was first, whoever asked for it.
    return answerAt(
      position,
      await this.ports.shell.execute({
        aggregate: messageAggregate,
        caller,
        workspace,
        stream: letter,
        command: { type: 'redrive', run: 0 },
        respond: ({ state }) => ({ status: 200, body: { id: letter, run: state.redriven } }),
      }),
    );
  }

  @Handles(redriveDeadLetters)
  async redriveMany({ params, body }: InputOf<typeof redriveDeadLetters>, caller: Caller): Promise<Reply> {
    const { from_position: fromPosition, to_position: toPosition, idempotency_key: _, ...filter } = body;
    if (fromPosition !== undefined && toPosition !== undefined && toPosition < fromPosition) {
      throw new Problem('reversed_range', '`to_position` is before `from_position`. Exchange the two.');
    }
    const workspace = caller.workspace!;
    await this.endpoints.one(workspace, params.id);
    const meant = { ...filter, fromPosition, toPosition, state: 'waiting' as const };
    const found = await this.queries.idsOf(workspace, params.id, meant, MOST_REDRIVEN + 1);
    const ids = found.slice(0, MOST_REDRIVEN);
    // It is written down before it is answered: an answer that is kept is one that will be true.
    const redrive = ids.length === 0 ? null : await this.redrives.ask(caller, params.id, ids);
    const answer = { run: redrive?.run ?? null, messages: ids.length, more: found.length > ids.length };
    const reply = await this.answer(caller, params.id, answer);
    if (redrive === null) return reply;
    if (runOf(reply) === redrive.run) return answerAt(await this.redrives.carryOut(redrive), reply);
    // The request was answered before, or refused.
    await this.redrives.takeBack(redrive);
    return reply;
  }

  /** Keeps the answer under the request's key; gives that of before where there is one. */
  private async answer(caller: Caller, endpoint: string, body: ManyRedriven): Promise<Reply> {
    return answerAt(
      null,
      await this.ports.shell.execute({
        aggregate: endpointAggregate,
        caller,
        workspace: caller.workspace!,
        stream: endpoint,
        command: { type: 'answer', refusal: null },
        respond: () => ({ status: 200, body }),
      }),
    );
  }
}

/** The answer is about more than the stream that it is kept with: it has no version of that. */
function answerAt(position: string | null, { etag: _, ...reply }: Reply): Reply {
  return position === null ? reply : { ...reply, position };
}

function runOf({ body }: Reply): unknown {
  return (typeof body === 'string' ? JSON.parse(body) : body).run;
}
