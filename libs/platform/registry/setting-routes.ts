import type { Asked, Route } from './registry-route.js';

/** The subject whose setting is meant; null for the one of all that have none of their own. */
export type Named = (asked: Asked) => string | null;

/** A setting's routes twice: without a subject, and with one. */
export function globallyAndBySubject(path: string, make: (path: string, named: Named) => Route[]): Route[] {
  return [...make(path, () => null), ...make(`${path}/:subject`, ({ subject }) => subject)];
}
