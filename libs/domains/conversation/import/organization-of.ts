import { Problem } from '../../../platform/kernel/problem.js';
import type { ImportLine } from './import-line.js';

/** Whose line it is, where that names its workspace. Throws `invalid_request` where it does not say so. */
export function organizationOf({ organization }: ImportLine): string {
  if (organization === undefined) {
    throw new Problem('invalid_request', '/organization is missing, and was to name the workspace.');
  }
  return organization;
}
