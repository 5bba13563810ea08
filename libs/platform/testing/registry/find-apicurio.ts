import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

export function findApicurio(): FoundApicurio {
  const java = findJava(JAVA);
  if (java === null) return { missing: `no Apicurio: install Java ${JAVA} or newer` };
  if (!hasMaven()) return { missing: 'no Apicurio: install Maven' };
  return {
    async start() {
      const folder = mkdtempSync(join(tmpdir(), `heddle-test-apicurio-${process.pid}-`));
      const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      try {
        const port = randomInt(10_000, 19_000);
        const server = await ApicurioServer.start({ java, files: apicurioFiles(java), folder, port });
        const stop = async () => {
          await server.stop();
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
