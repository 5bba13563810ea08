import type { DomainEvent } from './event.js';
import type { ProblemCode } from './problem.js';

/** A decision not to do it: a code of the problem registry and a sentence that names the thing and the next step. */
export interface Refusal {
  refused: ProblemCode;
  detail: string;
}

export function refuse(code: ProblemCode, detail: string): Refusal {
  return { refused: code, detail };
}

/** What was read for the command is not so any more. Whoever made the command reads again, and makes it again. */
export function stale(): Refusal {
  return refuse('changed_meanwhile', 'What the request is about was changed at the same moment. Send it again.');
}

export function isRefusal(decision: object): decision is Refusal {
  return 'refused' in decision;
}

/**
 * How one kind of stream decides and folds (after the decider pattern of Jérémie Chassaing). Both functions are pure:
 * time and ids come in as data, and there is no I/O. A state must survive `JSON.parse(JSON.stringify(state))`, for it is
 * kept beside the stream's version; one that names a person is sealed there, which its aggregate asks for
 * (`personalState`). `null` is the state of a stream without events.
 */
export interface Decider<Command, State extends object, Event extends DomainEvent> {
  decide(command: Command, state: State | null): readonly Event[] | Refusal;
  evolve(state: State | null, event: Event): State;
}
