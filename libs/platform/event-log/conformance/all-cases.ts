import { edges } from './cases/edges.js';
import { growth } from './cases/growth.js';
import { pages } from './cases/pages.js';
import { partitions } from './cases/partitions.js';
import type { Area } from './conformance-case.js';

/** The definition of the port `EventLog`, and of what follows it. */
export const AREAS: readonly Area[] = [partitions, pages, edges, growth];
