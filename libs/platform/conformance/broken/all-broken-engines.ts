import { brokenEdges } from './broken-edges.js';
import type { BrokenEngine } from './broken-engine.js';
import { brokenFollowing, brokenMembers, brokenPoison, brokenRedriving } from './broken-following.js';
import { brokenGrowth } from './broken-growth.js';
import { brokenPages } from './broken-pages.js';
import { brokenPartitions } from './broken-partitions.js';

/** By the title of the area whose cases judge them. */
export const BROKEN_ENGINES: Readonly<Record<string, readonly BrokenEngine[]>> = {
  partitions: brokenPartitions,
  'reading pages': brokenPages,
  'where a page begins and ends': brokenEdges,
  'the end, and how the log grows': brokenGrowth,
  following: brokenFollowing,
  'several members': brokenMembers,
  'poison events': brokenPoison,
  're-driving': brokenRedriving,
};
