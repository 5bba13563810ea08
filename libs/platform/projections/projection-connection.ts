import { Connection } from '../postgres/connection.js';
import type { ProjectionName } from './projection.js';

/** The run-time parameters of a session that applies events. */
export const PROJECTION_SETTINGS = {
  // What a crash of Postgres takes back is applied again: rows and cursor are of one transaction.
  synchronous_commit: 'off',
  lock_timeout: '5s',
  idle_in_transaction_session_timeout: '5s',
  // A statement that was planned while its table was empty must not scan it for ever after.
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
};

/** A session for the rows of one projection, as its service's role. `task` stands in the session's name. */
export function projectionConnection(
  url: string,
  { service, name }: ProjectionName,
  task: string,
  onSession: () => void = () => undefined,
): Connection {
  return new Connection({
    url,
    role: `heddle_${service}`,
    applicationName: `heddle ${task} ${name}`,
    // A page of 5,000 events on a busy disk may take longer than a request's statement ever should.
    answerWithin: 20_000,
    parameters: PROJECTION_SETTINGS,
    onConnect: async () => onSession(),
  });
}
