import { Problem } from '../../platform/kernel/problem.js';

export function notFound(id: string): Problem {
  return new Problem('not_found', `There is no conversation ${id} in this workspace.`);
}
