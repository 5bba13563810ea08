import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFoldersOfDeadRuns } from '../dead-runs.js';
import { findJava } from '../kafka/java.js';
import { hasMaven } from '../kafka/kafka-jars.js';
import { apicurioFiles } from './apicurio-files.js';
import { ApicurioServer } from './apicurio-server.js';

/** How to start Apicurio's registry, or why it cannot be. */
export type FoundApicurio = { start(): Promise<StartedApicurio> } | { missing: string };

export interface StartedApicurio {
  /** Of its Confluent API. */
  url: string;
  stop(): Promise<void>;
}

const JAVA = 21;
const PREFIX = 'heddle-test-apicurio-';

export function findApicurio(): FoundApicurio {
  const java = findJava(JAVA);
  if (java === null) return { missing: `no Apicurio: install Java ${JAVA} or newer` };
  if (!hasMaven()) return { missing: 'no Apicurio: install Maven' };
  return {
    async start() {
      removeFoldersOfDeadRuns(PREFIX);
      const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
      const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      process.once('exit', remove);
      try {
        const port = randomInt(10_000, 19_000);
        const server = await ApicurioServer.start({ java, files: apicurioFiles(java), folder, port });
        const stop = async () => {
          await server.stop();
          process.off('exit', remove);
          remove();
        };
        return { url: server.url, stop };
      } catch (error) {
        remove();
        throw error;
      }
    },
  };
}
