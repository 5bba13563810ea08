import { Problem } from '../kernel/problem.js';
import type { Caller } from './caller.js';
import type { Input, Operation } from './operation.js';
import type { Reply } from './reply.js';

/** An operation with the method of a controller that does it. */
export interface Binding {
  operation: Operation;
  handle(input: Input, caller: Caller): Promise<Reply>;
}

/**
 * Calls operations of this process by name, without HTTP: how one domain asks another to do what anybody could ask it
 * for, without knowing its code. The caller's permission was checked for the operation that is being carried out.
 */
export class Invoker {
  private bindings = new Map<string, Binding>();

  bind(bindings: readonly Binding[]): void {
    this.bindings = new Map(bindings.map((binding) => [binding.operation.name, binding]));
  }

  /** Whether this process does an operation. */
  offers(name: string): boolean {
    return this.bindings.has(name);
  }

  /** The good answer's body. Throws `Problem` for any other, and where this process does not offer the operation. */
  async invoke<Body>(name: string, input: Partial<Record<keyof Input, unknown>>, caller: Caller): Promise<Body> {
    const binding = this.bindings.get(name);
    if (binding === undefined) throw new Problem('not_found', `This process does not offer ${name}.`);
    const { params, query, body } = binding.operation;
    const reply = await binding.handle(
      {
        params: params.parse(input.params ?? {}),
        query: query.parse(input.query ?? {}),
        body: body === null ? undefined : body.parse(input.body ?? {}),
      },
      caller,
    );
    const answer = (typeof reply.body === 'string' ? JSON.parse(reply.body) : reply.body) as Body;
    if (reply.status < 400) return answer;
    const { code, detail } = answer as { code: Problem['code']; detail: string };
    throw new Problem(code, detail);
  }
}
