import { Problem } from '../../../platform/kernel/problem.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { factsProjection } from './facts.projection.js';

const WITHIN_MS = 5000;

/** Resolves when the facts of all events up to a position can be looked up. Throws `unavailable` where that takes more than 5 s. */
export async function factsReached({ follower }: Pick<ServicePorts, 'follower'>, position: number): Promise<void> {
  if (await follower!.waitFor(factsProjection.name, position, WITHIN_MS)) return;
  throw new Problem('unavailable', 'What conditions go by is more than 5 s behind.', { retryAfter: 1 });
}
