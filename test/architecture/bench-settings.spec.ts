import { SERVER_SETTINGS } from '../../libs/platform/postgres/embedded-options.js';
import { POSTGRES_SETTINGS } from '../bench/postgres-settings.js';

/** Where it listens, whom it lets in, and what it logs. */
const NOT_OF_SPEED = /^(cluster_name|listen_addresses|unix_socket_directories|max_connections|timezone|log_.*)$/;

it('measures on the Postgres that `npm start` brings', () => {
  const settings = Object.entries(SERVER_SETTINGS).filter(([name]) => !NOT_OF_SPEED.test(name));
  expect(POSTGRES_SETTINGS).toEqual(Object.fromEntries(settings));
});
