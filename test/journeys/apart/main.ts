import { type ApartOptions, startApart } from './installation.js';

/**
 * The installation that the journeys through services apart share: a process of its own, which tells its address,
 * its processes and their environment, and ends with whoever started it. Its argument is ApartOptions as JSON.
 */
const options = JSON.parse(process.argv[2]!) as ApartOptions;
const installation = await startApart(options);
process.once('disconnect', () => void installation.close().finally(() => process.exit(0)));
const { url, processes, environment } = installation;
process.send!({ url, processes, environment });
