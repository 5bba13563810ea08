import { type Decider, isRefusal } from '../kernel/decider.js';
import type { DomainEvent } from '../kernel/event.js';
import type { ProblemCode } from '../kernel/problem.js';

/** What a decider made of a command; each `then…` folds the new events too, as the write shell would. */
export interface Decision<State, Event> {
  /** Exactly these events; none for `thenEvents()`. Returns the state after them. */
  thenEvents(...events: Event[]): State | null;
  thenRefused(code: ProblemCode): void;
}

/**
 * `given(events).when(command).thenEvents(…events)`. The state is kept between commands as JSON, so it is made to pass
 * through JSON here as well: one that does not survive would fail only on the second command of a stream.
 */
export function specify<Command, State extends object, Event extends DomainEvent>(
  decider: Decider<Command, State, Event>,
) {
  const fold = (state: State | null, events: readonly Event[]) =>
    events.reduce<State | null>((before, event) => {
      const after = decider.evolve(before, event);
      const kept = JSON.parse(JSON.stringify(after)) as State;
      expect(kept).toEqual(after);
      return kept;
    }, state);
  return (...given: Event[]) => {
    const state = fold(null, given);
    return {
      state,
      when(command: Command): Decision<State, Event> {
        const before = JSON.stringify([command, state]);
        const decision = decider.decide(command, state);
        expect(JSON.stringify([command, state])).toBe(before);
        return {
          thenEvents(...events) {
            expect(decision).toEqual(events);
            return fold(state, events);
          },
          thenRefused(code) {
            expect(isRefusal(decision) ? decision.refused : decision).toBe(code);
          },
        };
      },
    };
  };
}
