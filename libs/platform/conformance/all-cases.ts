import { carrying } from './cases/carrying.js';
import { edges } from './cases/edges.js';
import { feed } from './cases/feed.js';
import { following } from './cases/following.js';
import { growth } from './cases/growth.js';
import { members } from './cases/members.js';
import { pages } from './cases/pages.js';
import { partitions } from './cases/partitions.js';
import { poison } from './cases/poison.js';
import { rebuilding } from './cases/rebuilding.js';
import { redriving } from './cases/redriving.js';
import type { Area } from './conformance-case.js';

/** The log as it is read, and by one who follows it. */
export const READING: readonly Area[] = [partitions, pages, edges, growth, following];

/** Those who follow it side by side, and what is kept of it. */
export const MEMBERS: readonly Area[] = [members, poison, redriving, rebuilding, carrying, feed];

/** The definition of the port `EventLog`, and of what follows it. */
export const AREAS: readonly Area[] = [...READING, ...MEMBERS];
