import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import globalKafka from './global-kafka.mjs';

const PROGRAM = fileURLToPath(new URL('../../../dist/test/journeys/apart/main.js', import.meta.url));

/**
 * Jest's global set-up of the journeys through services apart: beside Postgres and Kafka one installation that they
 * share: in HEDDLE_TEST_APART, as JSON, its address, its processes and what they were started with.
 */
export default async function globalApart() {
  await globalKafka();
  if (process.env.HEDDLE_TEST_KAFKA === undefined) return;
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there: run npm run build.`);
  const name = `apart_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: process.env.HEDDLE_TEST_POSTGRES_URL });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const database = new URL(process.env.HEDDLE_TEST_POSTGRES_URL);
  database.pathname = `/${name}`;
  const options = {
    databaseUrl: database.href,
    brokers: process.env.HEDDLE_TEST_KAFKA,
    prefix: name,
    rootKey: 'hdlroot_of_the_journeys',
    quota: 1_000_000,
  };
  const child = fork(PROGRAM, [JSON.stringify(options)], { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } });
  const installation = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (status) => reject(new Error(`Services apart ended with ${status}.`)));
  });
  child.removeAllListeners('exit');
  child.unref();
  child.channel.unref();
  process.env.HEDDLE_TEST_APART = JSON.stringify(installation);
}
