import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's root, absolute. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
