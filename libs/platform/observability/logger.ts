import { destination, type Logger, pino } from 'pino';

/** JSON lines on standard error. Nothing that a customer or a user wrote, and no name, goes in: ids only. */
export function makeLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination({ dest: 2, sync: false }));
}
