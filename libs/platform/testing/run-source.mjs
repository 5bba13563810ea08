import { pathToFileURL } from 'node:url';
import { importFromSource } from './from-source.mjs';

// A program of its own out of a file of TypeScript that is not built: argv[2]. What follows is the program's.
await importFromSource(pathToFileURL(process.argv[2]).href);
