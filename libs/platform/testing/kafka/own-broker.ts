import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../free-ports.js';
import { describeWith, whatIsMissing } from '../needed-programs.js';
import { KafkaBroker } from './kafka-broker.js';
import { kafkaProgram, lackingForKafka } from './kafka-program.js';

const WANT = 'want of brokers that a suite can stop and set up for itself, beside the Kafka of the run';

/** `describe`, where a suite can have brokers of its own, to kill, move and guard; whatever Kafka the others have. */
export function describeWithOwnBrokers(name: string, tests: () => void): void {
  const lacking = lackingForKafka();
  if (lacking !== null && process.env.HEDDLE_TEST_KAFKA === undefined) describe.skip(name, tests);
  else describeWith(name, whatIsMissing(lacking === null ? {} : { missing: `${WANT}: install ${lacking}.` }), tests);
}

export interface OwnBroker {
  broker: KafkaBroker;
  /** Ends it, and removes what it wrote. */
  remove(): Promise<void>;
}

/** A broker that no other test knows, alone or in the cluster of another one; `more` are lines of server.properties. */
export async function startOwnBroker(
  joins?: KafkaBroker,
  more: Readonly<Record<string, string>> = {},
): Promise<OwnBroker> {
  const folder = mkdtempSync(join(tmpdir(), `heddle-test-broker-${process.pid}-`));
  const port = await freePorts(2);
  const settings = {
    // Else a broker that was killed is taken for one that lives for 9 s, and is not let in again.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '500',
    ...more,
  };
  const broker = await KafkaBroker.start({
    ...kafkaProgram(),
    folder,
    port,
    controllerPort: port + 1,
    joins,
    settings,
  });
  return {
    broker,
    remove: async () => {
      await broker.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
