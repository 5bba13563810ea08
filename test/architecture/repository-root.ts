import { join } from 'node:path';

/** The clone's root, absolute. */
export const repositoryRoot = join(import.meta.dirname, '../..');
